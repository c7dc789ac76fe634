import { describe, expect, it } from 'vitest'

import type { Chat, GroupId } from '../../../plugin/contract/ids.ts'
import { letAge } from '../../support/aged-file.ts'
import { chatWith } from '../../support/gateway.ts'
import { journalTown, type JournalTown } from '../../support/journal-town.ts'
import type { MessageRecord } from '../../support/network.ts'

const ID = '3EB0AAAAAAAAAAAAAAAAAA'
const UNKNOWN = '3EB0FFFFFFFFFFFFFFFFFF'
const TEXT = 'the same words'

/** All that any phone found in it is the text: it was never blank. */
function expectNoBlank({ found }: MessageRecord): void {
  expect(found.filter(text => text !== TEXT)).toEqual([])
}

/** The gateway has dealt with all that the network has for it. */
const settled = ({ network }: JournalTown) => network.ledgerWhen(page => page.queued['owner:1'] === 0)

/** Alice asks so many times, as a broken phone does, and each of them is dealt with. */
async function aliceAsks(town: JournalTown, { id = ID, times = 1 } = {}): Promise<MessageRecord> {
  const { network, alice, owner } = town
  await network.faults.askAgain(alice, { author: owner, id, times })
  await settled(town)
  return network.message(id)
}

async function connectAgain({ gateway }: JournalTown, meanwhile: () => Promise<void> | void): Promise<void> {
  await gateway.supervisor.call('account.close', gateway.account)
  await meanwhile()
  const after = gateway.events.length
  await gateway.open()
  await gateway.connection('connected', after)
}

/** Alice has our message, and read it. */
async function townWithMessage(): Promise<JournalTown> {
  const town = await journalTown()
  await town.gateway.say(chatWith(town.alice), ID, TEXT)
  await town.alice.hears(TEXT)
  await settled(town)
  return town
}

describe('F38: a recipient that cannot read a message of ours', () => {
  it.each(['a direct chat', 'a group'])('gets the same text at once, in %s', async where => {
    await using town = await journalTown()
    const { network, gateway, owner, alice, bob } = town
    const group = await network.group('Team', [owner, alice, bob])
    const chat: Chat = where === 'a group' ? { kind: 'group', group: group.id as GroupId } : chatWith(alice)
    await gateway.say(chat, '3EB0BBBBBBBBBBBBBBBBBB', 'read by all')
    await alice.hears('read by all')
    await alice.forgetsSessions()
    await gateway.say(chat, ID, TEXT)
    await alice.hears(TEXT, { from: owner })
    await settled(town)
    const record = await network.message(ID)
    expect(record).toMatchObject({ undecryptable: 1, transmissions: 2 })
    expectNoBlank(record)
  })

  it('gets the same text, encrypted anew, also after the gateway was killed', async () => {
    await using town = await journalTown()
    const { network, gateway, owner, alice } = town
    await gateway.say(chatWith(alice), '3EB0BBBBBBBBBBBBBBBBBB', 'read before')
    await alice.hears('read before')
    await alice.goesOffline()
    await gateway.say(chatWith(alice), ID, TEXT)
    process.kill(gateway.supervisor.pid() ?? 0, 'SIGKILL')
    await gateway.whenReady(2)
    const after = gateway.events.length
    await gateway.open()
    await gateway.connection('connected', after)
    await alice.forgetsSessions()
    await alice.comesOnline()
    await alice.hears(TEXT, { from: owner })
    await settled(town)
    const record = await network.message(ID)
    expect(record).toMatchObject({ undecryptable: 1, transmissions: 2 })
    expectNoBlank(record)
  })

  it('is answered 13 days later, and no more after 15', async () => {
    await using town = await townWithMessage()
    const { gateway } = town
    await connectAgain(town, () => letAge(gateway.file, 13))
    const young = await aliceAsks(town)
    expect(young.transmissions).toBe(2)
    expectNoBlank(young)
    await connectAgain(town, () => letAge(gateway.file, 2))
    const old = await aliceAsks(town)
    expect(old.transmissions).toBe(2)
    expectNoBlank(old)
  })

  it('is sent nothing at all for an id that nobody knows', async () => {
    await using town = await townWithMessage()
    const { network, gateway, alice } = town
    expect(await aliceAsks(town, { id: UNKNOWN })).toMatchObject({ transmissions: 0, found: [] })
    await gateway.say(chatWith(alice), '3EB0BBBBBBBBBBBBBBBBBB', 'and then')
    await alice.hears('and then')
    expect((await alice.heard()).map(({ kind, text }) => [kind, text])).toEqual([
      ['text', TEXT],
      ['text', 'and then'],
    ])
    expect((await network.ledger()).undecryptable).toEqual([])
  })

  it('gets it at most five times, however often it asks, across restarts', async () => {
    await using town = await townWithMessage()
    const once = await aliceAsks(town)
    expect(once.transmissions).toBe(2)
    await aliceAsks(town, { times: 24 })
    await connectAgain(town, () => undefined)
    const record = await aliceAsks(town, { times: 25 })
    expect(record.transmissions).toBeLessThanOrEqual(1 + 5)
    expectNoBlank(record)
  })
})

describe('F38: somebody who asks for a message that was not for them', () => {
  it.each(['a direct chat', 'a group'])('gets nothing, whoever told them its id: from %s', async where => {
    await using town = await journalTown()
    const { network, gateway, owner, alice, bob } = town
    const group = await network.group('Two', [owner, alice])
    const chat: Chat = where === 'a group' ? { kind: 'group', group: group.id as GroupId } : chatWith(alice)
    await gateway.say(chat, ID, TEXT)
    await alice.hears(TEXT)
    await connectAgain(town, () => undefined)
    await network.faults.askAgain(bob, { author: owner, id: ID })
    await settled(town)
    expect(await bob.heard()).toEqual([])
    expect((await network.message(ID)).transmissions).toBe(1)
    await network.faults.askAgain(alice, { author: owner, id: ID, ...(where === 'a group' ? { group: group.id } : {}) })
    await network.messageWhen(ID, ({ transmissions }) => transmissions === 2)
  })
})
