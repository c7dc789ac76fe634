import { describe, expect, it } from 'vitest'

import { chatWith } from '../../support/gateway.ts'
import { journalTown, proxiedTown, type JournalTown } from '../../support/journal-town.ts'
import type { Cut } from '../../support/line-proxy.ts'

const STANZA = '3EB0AAAAAAAAAAAAAAAAAA'

const cutIn = (direction: Cut['direction'], piece: number, share: number): Cut => ({ direction, piece, share })

/** Connects anew; what was found out on the line before is asked for again. */
async function reconnect({ gateway, alice }: JournalTown, stanzaId: string): Promise<void> {
  await gateway.supervisor.call('account.close', gateway.account)
  const after = gateway.events.length
  await gateway.open()
  await gateway.connection('connected', after)
  expect(await gateway.say(chatWith(alice), stanzaId, stanzaId)).toEqual({ outcome: 'sent' })
  await gateway.entry(entry => entry.kind === 'receipt' && entry.stanzaId === stanzaId)
}

const WHILE_CONNECTING: readonly Cut[] = [
  cutIn('up', 0, 0), // nothing of the request for it
  cutIn('up', 0, 0.5),
  cutIn('down', 0, 0.5), // the answer to that
  cutIn('up', 1, 0.5), // the client's hello
  cutIn('down', 1, 0.5), // the server's hello
  cutIn('up', 2, 0.5), // the login
  cutIn('down', 2, 0.5), // the first stanza
  cutIn('down', 2, 1),
  cutIn('up', 3, 0.5), // the first query
]

describe('F23: a line that is reset', () => {
  it('while it is made, in any part of that, is made again', async () => {
    await using town = await proxiedTown()
    const { proxy, gateway, owner, alice } = town
    await alice.says('what waits', { to: owner })
    for (const cut of WHILE_CONNECTING) {
      proxy.carryNext({ kind: 'cut', at: cut })
      await gateway.supervisor.call('account.close', gateway.account)
      const [after, lines] = [gateway.events.length, proxy.lines()]
      await gateway.open()
      expect(await gateway.connection('waiting', after)).toMatchObject({ permanent: false })
      expect(proxy.lines()).toBe(lines + 1)
    }
    proxy.carryNext(null)
    await gateway.connection('connected', gateway.events.length)
    await gateway.entry(entry => entry.kind === 'message' && entry.message.content.kind === 'text')
    expect(await gateway.say(chatWith(alice), STANZA, 'and still')).toEqual({ outcome: 'sent' })
  })

  it('in a message that comes, or between it and its receipt, brings it once', async () => {
    await using town = await proxiedTown()
    const { proxy, network, gateway, owner, alice } = town
    const cuts = [cutIn('down', 0, 0.5), cutIn('up', 0, 0), cutIn('up', 0, 0.5)]
    const ids: string[] = []
    for (const [index, at] of cuts.entries()) {
      await reconnect(town, `3EB0${index}`)
      const isCut = proxy.cut(at)
      const after = gateway.events.length
      ids.push(await alice.says(`cut ${index}`, { to: owner }))
      await isCut
      await gateway.connection('waiting', after)
    }
    await reconnect(town, '3EB0LAST')
    for (const id of ids) {
      await gateway.entry(entry => entry.kind === 'message' && entry.message.stanzaId === id)
      const record = await network.messageWhen(id, ({ settlements }) => settlements > 0)
      expect(record).toMatchObject({ deliveries: 2, retries: 0, errors: [] })
    }
    const { entries } = await gateway.supervisor.call('journal.pull', { ...gateway.account, after: 0, limit: 100 })
    expect(entries.filter(({ kind }) => kind === 'message')).toHaveLength(ids.length)
  })

  it('in a message that goes, or between it and its ack, says it once', async () => {
    await using town = await proxiedTown()
    const { proxy, network, gateway, alice } = town
    // On a busy machine the ack comes in one piece with the recipient's receipt: a third of both is within the ack.
    const cuts = [cutIn('up', 0, 0), cutIn('up', 0, 0.5), cutIn('down', 0, 0), cutIn('down', 0, 0.3)]
    const texts = cuts.map((_cut, index) => `said ${index}`)
    for (const [index, at] of cuts.entries()) {
      await reconnect(town, `3EB0${index}`)
      const isCut = proxy.cut(at)
      const said = gateway.say(chatWith(alice), `3EB0SAID${index}`, `said ${index}`)
      await isCut
      expect(await said).toEqual({ outcome: 'unknown' })
    }
    await reconnect(town, '3EB0LAST')
    for (const [index, text] of texts.entries()) {
      expect(await gateway.say(chatWith(alice), `3EB0SAID${index}`, text)).toEqual({ outcome: 'sent' })
    }
    const heard = (await alice.heard()).map(({ text }) => text).filter(text => texts.includes(text))
    expect(heard.toSorted()).toEqual(texts)
    const ledger = await network.ledger()
    expect([ledger.undecryptable, ledger.pairings.length]).toEqual([[], 1])
  })
})

describe('F25: an ack that is slow', () => {
  it('settles the message, which is written once on its line however often it is asked for', async () => {
    await using town = await journalTown()
    const { network, gateway, owner, alice } = town
    await network.faults.send(owner, { ack: 'hold', deliver: true })
    const first = gateway.say(chatWith(alice), STANZA, 'slowly')
    await alice.hears('slowly')
    const again = gateway.say(chatWith(alice), STANZA, 'slowly')
    // Commands are taken in order: the second one has been when this is answered.
    await gateway.supervisor.call('account.ping', gateway.account)
    expect(await network.faults.releaseAcks(owner)).toBe(1)
    expect(await Promise.all([first, again])).toEqual([{ outcome: 'sent' }, { outcome: 'sent' }])
    expect(await network.message(STANZA)).toMatchObject({ transmissions: 1, acks: ['ok'] })
  })

  it('and never comes has the same id and bytes written again, over another line', async () => {
    await using town = await journalTown({ lineTimes: { ackPatienceMs: 1_000 } })
    const { network, gateway, owner, alice } = town
    await network.faults.send(owner, { ack: 'withhold', deliver: true })
    const after = gateway.events.length
    expect(await gateway.say(chatWith(alice), STANZA, 'perhaps')).toEqual({ outcome: 'unknown' })
    expect(await gateway.connection('waiting', after)).toMatchObject({ reason: 'connection_closed' })
    await gateway.connection('connected', after)
    expect(await network.message(STANZA)).toMatchObject({ transmissions: 1 })
    expect(await gateway.say(chatWith(alice), STANZA, 'perhaps')).toEqual({ outcome: 'sent' })
    expect(await network.message(STANZA)).toMatchObject({ transmissions: 2, acks: ['ok'] })
    expect((await alice.heard()).map(({ text }) => text)).toEqual(['perhaps'])
  })
})

describe('F24: a network that takes every byte and answers none', () => {
  it('is noticed within two pings on a line that was good, and waited out', async () => {
    await using town = await journalTown({ lineTimes: { keepAliveMs: 1_000 } })
    const { network, gateway, owner, alice } = town
    const after = gateway.events.length
    const silentAt = Date.now()
    await network.faults.silence(owner)
    expect(await gateway.connection('waiting', after)).toMatchObject({ reason: 'connection_lost', permanent: false })
    // Two pings and the 5 s that Baileys adds: 39 s with the real ones.
    expect(Date.now() - silentAt).toBeLessThan(2 * 1_000 + 5_000 + 500)
    await gateway.connection('connected', after)
    expect(await gateway.say(chatWith(alice), STANZA, 'back again')).toEqual({ outcome: 'sent' })
  })
})
