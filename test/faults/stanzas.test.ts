import { describe, expect, it } from 'vitest'

import { chatWith } from '../support/gateway.ts'
import { entriesOf, isText, messageIn, textsIn } from '../support/journal-entries.ts'
import { townsInTurn, type JournalTown } from '../support/journal-town.ts'

const nextTown = townsInTurn()

const NAMELESS = ['status', 'appdata', 'notification', 'receipt', 'call', 'message']

/** A round trip in each direction, so that whatever was written before it has had its effect. */
async function goesOn({ network, gateway, owner, alice }: JournalTown, text: string): Promise<void> {
  const id = await alice.says(text, { to: owner })
  await messageIn(gateway, isText(text))
  await network.messageWhen(id, ({ settlements }) => settlements > 0)
  await gateway.supervisor.call('account.ping', gateway.account)
}

const comesBack = async ({ gateway }: JournalTown): Promise<void> => {
  await gateway.supervisor.call('account.close', gateway.account)
  const after = gateway.events.length
  await gateway.open()
  await gateway.connection('connected', after)
}

describe("people's statuses under their own tag", () => {
  it.each(['while the line is up', 'while the account is away'])(
    'are acknowledged and nobody’s message, and hold up nothing: %s',
    async when => {
      await using town = await nextTown()
      const { network, gateway, owner, alice, bob } = town
      await network.behaves({ status_tag: 'status' })
      if (when !== 'while the line is up') await gateway.supervisor.call('account.close', gateway.account)
      await network.faults.stuckStatus(owner, alice)
      await bob.says('behind it', { to: owner })
      await gateway.open()
      await messageIn(gateway, isText('behind it'))
      await network.ledgerWhen(page => page.queued['owner:1'] === 0)
      expect((await network.ledger()).acked['status']).toBe(1)
      await comesBack(town)
      await goesOn(town, 'and on')
      expect((await network.ledger()).acked['status']).toBe(1)
      expect(textsIn(await entriesOf(gateway))).toEqual(['behind it', 'and on'])
      expect(gateway.lines.filter(({ event }) => event === 'unknown stanza')).toEqual([])
    },
  )

  it('do not cost the line each time that the server wants its answer', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice } = town
    await network.behaves({ status_tag: 'status', owed_answer_ends_stream_s: 1, server_pings_s: 1 })
    await comesBack(town)
    const after = gateway.events.length
    await network.faults.stuckStatus(owner, alice)
    const { pongs } = await network.ledger()
    await network.ledgerWhen(page => page.pongs >= pongs + 3)
    expect(gateway.events.slice(after).filter(({ event }) => event === 'connection')).toEqual([])
  })
})

describe('a stanza of a kind that is not known', () => {
  it('is acknowledged with all that it names, counted, and named in the log once', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice } = town
    const from = `${alice.lid}@lid`
    await network.faults.post(owner, 'appdata', { from, participant: '5@lid', type: 'set', recipient: '7@lid' })
    await network.faults.post(owner, 'appdata')
    await network.faults.post(owner, 'novelty', { type: 'first' })
    await network.faults.post(owner, 'Fünf Wörter, zu viel', { from })
    await network.ledgerWhen(page => page.queued['owner:1'] === 0)
    const { acked } = await network.ledger()
    expect(acked).toMatchObject({ appdata: 2, novelty: 1, 'Fünf Wörter, zu viel': 1 })
    const counted = async (kind: string, most: number): Promise<void> => {
      await gateway.event(() => {
        const told = gateway.events.flatMap(each =>
          each.event === 'unknown_stanzas' && each.tag === kind ? [each.count] : [],
        )
        return told.reduce((sum, each) => sum + each, 0) === most
      })
    }
    await counted('appdata', 2)
    await counted('novelty', 1)
    await counted('malformed', 1)
    await network.faults.post(owner, 'appdata')
    await counted('appdata', 3)
    const named = gateway.lines.filter(({ event }) => event === 'unknown stanza').map(({ fields }) => fields['kind'])
    expect(named).toEqual(['appdata', 'novelty', 'malformed'])
    await comesBack(town)
    await goesOn(town, 'and on')
    expect((await network.ledger()).acked['novelty']).toBe(1)
  })

  it('is acknowledged to nobody where it says of nobody that it is theirs', async () => {
    await using town = await nextTown()
    const { network, owner } = town
    for (const tag of NAMELESS) await network.faults.post(owner, tag, { from: null })
    await network.ledgerWhen(page => page.queued['owner:1'] === 0)
    await goesOn(town, 'and on')
    const { acked } = await network.ledger()
    expect(NAMELESS.map(tag => acked[tag] ?? 0)).toEqual(NAMELESS.map(() => 1))
  })

  it('that cannot be answered costs nothing but itself', async () => {
    await using town = await nextTown()
    const { network, gateway, owner } = town
    const after = gateway.events.length
    for (const tag of ['status', 'appdata', 'novelty']) {
      await network.faults.post(owner, tag, { from: null, id: null, t: null })
      await network.faults.post(owner, tag, { from: '', id: '' })
      await network.faults.post(owner, tag, { from: '@@:::@', participant: '::', type: '\0', recipient: '@' })
    }
    await goesOn(town, 'and on')
    expect(gateway.events.slice(after).filter(({ event }) => event === 'connection')).toEqual([])
    expect(textsIn(await entriesOf(gateway))).toEqual(['and on'])
  })
})

it('answers each time for what comes again', async () => {
  await using town = await nextTown()
  const { network, gateway, owner, alice } = town
  const tags = ['status', 'appdata', 'notification', 'receipt', 'call']
  const from = `${alice.lid}@lid`
  const ids = await Promise.all(tags.map(tag => network.faults.post(owner, tag, { from, type: 'picture' })))
  const message = await alice.says('once', { to: owner })
  const acksOf = async (): Promise<number[]> => {
    const { acked } = await network.ledger()
    return tags.map(tag => acked[tag] ?? 0)
  }
  await network.ledgerWhen(page => page.queued['owner:1'] === 0)
  await goesOn(town, 'all of it')
  const before = await acksOf()
  const receipts = (await network.message(message))?.receipts.length ?? 0
  expect(receipts).toBeGreaterThan(0)
  expect(await network.faults.redeliver(owner, [...ids, message])).toBe(tags.length + 1)
  await network.messageWhen(message, record => record.receipts.length === 2 * receipts)
  await goesOn(town, 'and on')
  expect(await acksOf()).toEqual(before.map(count => count + 1))
  expect(textsIn(await entriesOf(gateway))).toEqual(['once', 'all of it', 'and on'])
})

it('answers nothing twice that Baileys answers', async () => {
  await using town = await nextTown()
  const { network, gateway, owner, alice } = town
  const before = (await network.ledger()).acked
  const group = await network.group('Team', [owner, alice])
  await alice.says('to all', { to: group })
  await network.changeGroup(group, { by: alice, subject: 'Another name' })
  await alice.calls(owner)
  expect(await gateway.say(chatWith(alice), '3EB0000000000000000002', 'said')).toEqual({ outcome: 'sent' })
  await alice.hears('said', { from: owner })
  await goesOn(town, 'and on')
  await network.ledgerWhen(page => page.queued['owner:1'] === 0)
  const { acked } = await network.ledger()
  const since = (kind: string): number => (acked[kind] ?? 0) - (before[kind] ?? 0)
  expect({ ...acked, message: since('message') }).toMatchObject({ message: 0 })
  expect([since('call'), since('receipt'), since('notification')]).toEqual([1, 1, 1])
})

describe('the server', () => {
  it.each([
    ['as they come', false],
    ['and those with an id', true],
  ])('has its pings answered, %s', async (_which, hasId) => {
    await using town = await nextTown()
    const { network, gateway } = town
    await network.behaves({ server_pings_s: 1, server_pings_have_id: hasId })
    await comesBack(town)
    const after = gateway.events.length
    const { pongs } = await network.ledger()
    await network.ledgerWhen(page => page.pongs >= pongs + 3)
    expect(gateway.events.slice(after).filter(({ event }) => event === 'connection')).toEqual([])
  })

  it('is told at the next login where it had sent the device, after a crash as well', async () => {
    await using town = await nextTown()
    const { network, gateway } = town
    await network.behaves({ requires_routing: true })
    await comesBack(town)
    process.kill(gateway.supervisor.pid() ?? 0, 'SIGKILL')
    await gateway.whenReady(2)
    const after = gateway.events.length
    await gateway.open()
    await gateway.connection('connected', after)
    const { logins, failures } = await network.ledger()
    const shown = { prefix: '000000000001', address: '000000000001' }
    expect(logins.slice(-2).map(({ routing }) => routing)).toEqual([shown, shown])
    expect(failures).toEqual([])
  })
})

it('finds WhatsApp again when where it was sent is no good', async () => {
  await using town = await nextTown()
  const { network, gateway } = town
  await network.faults.door('refuse')
  const after = gateway.events.length
  await network.faults.drop(town.owner)
  await gateway.event(each => each.event === 'connection' && each.state.status === 'waiting', after)
  await network.ledgerWhen(({ connects }) => connects.filter(({ outcome }) => outcome === 'refused').length >= 1)
  await network.faults.door('open')
  await gateway.connection('connected', after)
  const { logins } = await network.ledger()
  expect(logins.at(-1)?.routing).toEqual({ prefix: null, address: null })
})

describe('a message that was read', () => {
  it('is acknowledged beside its receipt where an operator wants that, once', async () => {
    await using town = await nextTown({ messageAcks: true })
    const { network, owner, alice, bob } = town
    await network.behaves({ requires_message_acks: true })
    const group = await network.group('Team', [owner, alice, bob])
    const ids = [
      await alice.says('direct', { to: owner }),
      await bob.says('to all', { to: group }),
      await alice.says('unreadable at first', { to: owner, garbled: 1 }),
    ]
    await goesOn(town, 'and on')
    await network.ledgerWhen(page => page.queued['owner:1'] === 0)
    for (const id of ids)
      expect(await network.message(id)).toMatchObject({ receipts: expect.arrayContaining(['inactive']) })
    await comesBack(town)
    await goesOn(town, 'and on again')
    for (const id of ids.slice(0, 2)) expect(await network.message(id)).toMatchObject({ deliveries: 1, settlements: 1 })
  })

  it('has its receipt alone by itself', async () => {
    await using town = await nextTown()
    const { network, owner, alice } = town
    const before = (await network.ledger()).acked['message'] ?? 0
    await alice.says('direct', { to: owner })
    await goesOn(town, 'and on')
    expect((await network.ledger()).acked['message'] ?? 0).toBe(before)
  })
})
