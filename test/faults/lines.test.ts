import { describe, expect, it } from 'vitest'

import { chatWith } from '../support/gateway.ts'
import { journalTown } from '../support/journal-town.ts'

const STANZA = '3EB0AAAAAAAAAAAAAAAAAA'

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
