import { describe, expect, it } from 'vitest'

import type { Chat, GroupId } from '../../plugin/contract/ids.ts'
import { chatWith } from '../support/gateway.ts'
import { hearsFrom, killAndReturn, wireOf } from '../support/addressing.ts'
import { isText, messageIn } from '../support/journal-entries.ts'
import { townsInTurn } from '../support/journal-town.ts'
import type { GroupCharacter, PhoneCharacter } from '../support/network.ts'

const nextTown = townsInTurn()

const SENT = { outcome: 'sent' }
const refusedAs = (code: number) => ({ outcome: 'rejected', code })

describe('what is written to a person', () => {
  it('goes where they wrote from last, to the LID when nobody has, to the number when no LID is known', async () => {
    await using town = await nextTown()
    const { network, gateway, alice, bob } = town
    const carol = await network.phone('carol')
    await hearsFrom(town, alice, { by: 'lid' })
    await hearsFrom(town, bob, { by: 'pn' })
    expect(await gateway.say(chatWith(alice), 'A1', 'to alice')).toEqual(SENT)
    expect(await gateway.say(chatWith(alice, 'phone'), 'A2', 'by her number')).toEqual(SENT)
    expect(await gateway.say(chatWith(bob), 'B1', 'to bob')).toEqual(SENT)
    expect(await gateway.say(chatWith(carol, 'phone'), 'C1', 'to carol')).toEqual(SENT)
    for (const id of ['A1', 'A2']) expect(await wireOf(town, id)).toEqual(['lid'])
    for (const id of ['B1', 'C1']) expect(await wireOf(town, id)).toEqual(['pn'])
    await hearsFrom(town, alice, { by: 'pn' })
    await hearsFrom(town, bob, { by: 'lid' })
    await killAndReturn(town)
    expect(await gateway.say(chatWith(alice), 'A3', 'to alice again')).toEqual(SENT)
    expect(await gateway.say(chatWith(bob, 'lid'), 'B2', 'to bob again')).toEqual(SENT)
    expect(await wireOf(town, 'A3')).toEqual(['pn'])
    expect(await wireOf(town, 'B2')).toEqual(['lid'])
    for (const [phone, text] of [
      [alice, 'to alice again'],
      [bob, 'to bob again'],
      [carol, 'to carol'],
    ] as const)
      await phone.hears(text)
  })

  it('takes the number along to a LID whose number is known, and to no other', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice, bob } = town
    await network.behaves({ peer_recipient_pn_required: true, usernames: { bob: 'bob.b' } })
    await hearsFrom(town, alice, { by: 'lid' })
    await hearsFrom(town, bob, { by: 'lid' })
    expect(await gateway.say(chatWith(alice, 'lid'), 'A1', 'to alice')).toEqual(SENT)
    expect(await gateway.say(chatWith(bob, 'lid'), 'B1', 'to bob')).toEqual(SENT)
    const numberIn = async (id: string) => (await network.message(id)).addressed.map(each => each.peerRecipientPn)
    expect(await numberIn('A1')).toEqual([`${alice.phone.slice(1)}@s.whatsapp.net`])
    expect(await numberIn('B1')).toEqual([null])
    expect(await gateway.say(chatWith(owner), 'O1', 'to myself')).toEqual(SENT)
    expect(await numberIn('O1')).toEqual([null])
    await owner.hears('to myself')
  })

  it.each([463, 400, 479])(
    'goes to the other address when it is refused with %i, once, and so does the next one',
    async code => {
      await using town = await nextTown()
      const { network, gateway, alice, bob } = town
      await network.behaves({ refused_addresses: { alice: 'lid', bob: 'pn' }, refusal_code: code })
      await hearsFrom(town, alice, { by: 'lid' })
      await hearsFrom(town, bob, { by: 'pn' })
      const cold = { kind: 'text', text: 'to alice', as: 'cold' } as const
      expect(await gateway.say(chatWith(alice), 'A1', cold)).toEqual(SENT)
      expect(await gateway.say(chatWith(bob), 'B1', { ...cold, text: 'to bob' })).toEqual(SENT)
      expect(await wireOf(town, 'A1')).toEqual(['lid', 'pn'])
      expect(await wireOf(town, 'B1')).toEqual(['pn', 'lid'])
      await killAndReturn(town)
      await hearsFrom(town, alice, { by: 'lid' })
      expect(await gateway.say(chatWith(alice), 'A2', 'once more')).toEqual(SENT)
      expect(await wireOf(town, 'A2')).toEqual(['pn'])
      await alice.hears('to alice')
      await alice.hears('once more')
      expect((await alice.heard()).map(({ id }) => id)).toEqual(['A1', 'A2'])
    },
  )

  it('is refused for good at the second address, also when the host asks once more', async () => {
    await using town = await nextTown()
    const { network, gateway, alice } = town
    await hearsFrom(town, alice, { by: 'lid' })
    for (const ack of [400, 479]) await network.faults.send(town.owner, { ack, times: 1 })
    expect(await gateway.say(chatWith(alice), 'A1', 'refused')).toEqual(refusedAs(479))
    await killAndReturn(town)
    expect(await gateway.say(chatWith(alice), 'A1', 'refused')).toEqual(refusedAs(479))
    expect(await wireOf(town, 'A1')).toEqual(['lid', 'pn'])
  })

  it('stays at the second address when nobody knows whether it was taken there', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice } = town
    await hearsFrom(town, alice, { by: 'lid' })
    await network.faults.send(owner, { ack: 400, times: 1 })
    await network.faults.send(owner, { ack: 'drop', times: 1 })
    expect(await gateway.say(chatWith(alice), 'A1', 'perhaps')).toEqual({ outcome: 'unknown' })
    await gateway.connection('connected', gateway.events.length)
    await network.faults.send(owner, { ack: 400, times: 1 })
    expect(await gateway.say(chatWith(alice), 'A1', 'perhaps')).toEqual(refusedAs(400))
    expect(await wireOf(town, 'A1')).toEqual(['lid', 'pn', 'pn'])
  })

  it('is refused at once where there is no other address, and for what no address can mean', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice, bob } = town
    await hearsFrom(town, alice, { by: 'lid', revealAlternate: false })
    await hearsFrom(town, bob, { by: 'lid' })
    for (const ack of [479, 500]) await network.faults.send(owner, { ack, times: 1 })
    expect(await gateway.say(chatWith(alice, 'lid'), 'A1', 'nowhere else')).toEqual(refusedAs(479))
    expect(await gateway.say(chatWith(bob), 'B1', 'broken')).toEqual(refusedAs(500))
    for (const id of ['A1', 'B1']) expect(await wireOf(town, id)).toEqual(['lid'])
  })
})

describe('of all kinds', () => {
  const targetIn = (id: string, { phone }: PhoneCharacter, fromMe: boolean) => ({ stanzaId: id, fromMe, sender: phone })

  it('a reaction, a poll and a file of words go to somebody without a number, and name what came as it came', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice } = town
    await network.behaves({ usernames: { alice: 'alice.a' } })
    const id = await alice.says('hello', { to: owner, addressedBy: 'lid' })
    await messageIn(gateway, isText('hello'))
    const target = { ...targetIn(id, alice, false), sender: `lid:${alice.lid}` }
    const chat = chatWith(alice, 'lid')
    expect(await gateway.say(chat, 'R1', { kind: 'reaction', emoji: '👍', target })).toEqual(SENT)
    const poll = { kind: 'poll', question: 'Lunch?', options: ['Soup', 'Salad'], most: 1 } as const
    expect(await gateway.say(chat, 'P1', poll)).toEqual(SENT)
    expect(await gateway.say(chat, 'T1', 'first')).toEqual(SENT)
    const own = targetIn('T1', owner, true)
    expect(await gateway.say(chat, 'E1', { kind: 'edit', text: 'second', target: own })).toEqual(SENT)
    expect(await gateway.say(chat, 'D1', { kind: 'delete', target: own })).toEqual(SENT)
    for (const each of ['R1', 'P1', 'T1', 'E1', 'D1']) expect(await wireOf(town, each)).toEqual(['lid'])
    const { reaction } = await alice.hears(({ kind }) => kind === 'reaction')
    expect(reaction).toEqual({ emoji: '👍', to: id })
  })

  it('an edit and a deletion go where their message was taken, whatever has become the address since', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice } = town
    await hearsFrom(town, alice, { by: 'lid' })
    await network.faults.send(owner, { ack: 400, times: 1 })
    expect(await gateway.say(chatWith(alice), 'T1', 'taken by number')).toEqual(SENT)
    await network.faults.send(owner, { ack: 400, times: 1 })
    expect(await gateway.say(chatWith(alice), 'T2', 'taken by LID again')).toEqual(SENT)
    const target = targetIn('T1', owner, true)
    expect(await gateway.say(chatWith(alice), 'E1', { kind: 'edit', text: 'changed', target })).toEqual(SENT)
    expect(await gateway.say(chatWith(alice), 'D1', { kind: 'delete', target })).toEqual(SENT)
    expect(await wireOf(town, 'T2')).toEqual(['pn', 'lid'])
    for (const id of ['E1', 'D1']) expect(await wireOf(town, id)).toEqual(['pn'])
  })

  it('that we write, and that we have read, is told where they wrote from', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice, bob } = town
    const tell = async (who: PhoneCharacter, by: 'lid' | 'pn'): Promise<string> => {
      const id = await who.says(`${who.name} writes`, { to: owner, addressedBy: by })
      await messageIn(gateway, isText(`${who.name} writes`))
      const chat = chatWith(who)
      const { supervisor, account } = gateway
      await supervisor.call('chat.typing', { ...account, chat, typing: true })
      await supervisor.call('chat.typing', { ...account, chat, typing: false })
      if (chat.kind === 'direct')
        await supervisor.call('chat.read', { ...account, chat, sender: chat.peer, stanzaId: id })
      return id
    }
    const [byLid, byNumber] = [await tell(alice, 'lid'), await tell(bob, 'pn')]
    expect((await network.messageWhen(byLid, ({ readAt }) => readAt.length > 0)).readAt).toEqual(['lid'])
    expect((await network.messageWhen(byNumber, ({ readAt }) => readAt.length > 0)).readAt).toEqual(['pn'])
    const { typing } = await network.ledgerWhen(page => page.typing.length === 4)
    expect(typing.map(({ to, state }) => `${to} ${state}`)).toEqual([
      'lid composing',
      'lid paused',
      'pn composing',
      'pn paused',
    ])
  })
})

const chatIn = ({ id }: GroupCharacter): Chat => ({ kind: 'group', group: id as GroupId })

describe('what is written in a group', () => {
  it.each(['lid', 'pn'] as const)('goes in its mode, %s, and in the other one once that has become it', async mode => {
    await using town = await nextTown()
    const { network, gateway, owner, alice, bob } = town
    const team = await network.group('Team', [owner, alice, bob], { addressingMode: mode })
    expect(await gateway.say(chatIn(team), 'G1', 'as before')).toEqual(SENT)
    await network.changeGroup(team, { addressingMode: mode === 'lid' ? 'pn' : 'lid' })
    expect(await gateway.say(chatIn(team), 'G2', 'otherwise')).toEqual(SENT)
    expect(await gateway.say(chatIn(team), 'G3', 'and on')).toEqual(SENT)
    const modes = async (id: string) => (await network.message(id)).addressed.map(each => each.mode)
    const other = mode === 'lid' ? 'pn' : 'lid'
    expect([await modes('G1'), await modes('G2'), await modes('G3')]).toEqual([[mode], [mode, other], [other]])
    for (const phone of [alice, bob]) for (const text of ['as before', 'otherwise', 'and on']) await phone.hears(text)
    expect((await network.ledger()).undecryptable).toEqual([])
  })

  it('goes in the other mode as it is known, when the group may not be asked for', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice, bob } = town
    const team = await network.group('Team', [owner, alice, bob])
    expect(await gateway.say(chatIn(team), 'G1', 'as before')).toEqual(SENT)
    await network.changeGroup(team, { addressingMode: 'pn' })
    await network.faults.groupQuery(429)
    expect(await gateway.say(chatIn(team), 'G2', 'otherwise')).toEqual(SENT)
    for (const phone of [alice, bob]) await phone.hears('otherwise')
  })

  it('is refused for good when its mode is not what it is refused for', async () => {
    await using town = await nextTown()
    const { network, gateway, owner, alice } = town
    const team = await network.group('Team', [owner, alice])
    await network.faults.send(owner, { ack: 479, times: 1 })
    expect(await gateway.say(chatIn(team), 'G1', 'refused')).toEqual(refusedAs(479))
    expect(await wireOf(town, 'G1')).toEqual(['group'])
  })
})
