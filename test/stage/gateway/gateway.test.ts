import { describe, expect, it } from 'vitest'

import type { GroupId } from '../../../plugin/contract/ids.ts'
import { chatWith, type RunningGateway } from '../../support/gateway.ts'
import { townsInTurn } from '../../support/journal-town.ts'

const nextTown = townsInTurn()

const messageWith = (gateway: RunningGateway, text: string) =>
  gateway.entry(entry => {
    if (entry.kind !== 'message') return null
    const { content } = entry.message
    return content.kind === 'text' && content.text === text ? entry.message : null
  })

describe('a direct chat', () => {
  it('carries a message in and an answer out, under the LID as under the phone number', async () => {
    await using scene = await nextTown()
    const { gateway, owner, alice } = scene
    for (const addressedBy of ['lid', 'pn'] as const) {
      await alice.says(`hello by ${addressedBy}`, { to: owner, addressedBy })
      const message = await messageWith(gateway, `hello by ${addressedBy}`)
      expect(message).toMatchObject({
        chat: chatWith(alice),
        sender: { lid: alice.lid, phone: alice.phone },
        receiver: { lid: owner.lid, phone: owner.phone },
        fromMe: false,
      })
      const stanzaId = addressedBy === 'lid' ? '3EB0AAAAAAAAAAAAAAAAAA' : '3EB0BBBBBBBBBBBBBBBBBB'
      expect(await gateway.say(message.chat, stanzaId, `answer by ${addressedBy}`)).toEqual({ outcome: 'sent' })
      expect(await alice.hears(`answer by ${addressedBy}`, { from: owner })).toMatchObject({ id: stanzaId, own: false })
    }
  })

  it('is answered at the LID when no phone number is known, and the number is told once it is learned', async () => {
    await using scene = await nextTown()
    const { gateway, owner, bob } = scene
    await bob.says('who am I', { to: owner, revealAlternate: false })
    const message = await messageWith(gateway, 'who am I')
    expect(message.sender).toEqual({ lid: bob.lid, phone: null })
    expect(await gateway.say(message.chat, '3EB0AAAAAAAAAAAAAAAAAA', 'a stranger')).toEqual({ outcome: 'sent' })
    await bob.hears('a stranger')
    await bob.says('it is me', { to: owner })
    const learned = await gateway.entry(
      entry => entry.kind === 'identity' && entry.person.lid === bob.lid && entry.person,
    )
    expect(learned).toEqual({ lid: bob.lid, phone: bob.phone })
  })

  it('tells of each receipt once', async () => {
    await using scene = await nextTown()
    const { gateway, alice } = scene
    await gateway.say(chatWith(alice), '3EB0AAAAAAAAAAAAAAAAAA', 'read me')
    const { id } = await alice.hears('read me')
    await gateway.entry(entry => entry.kind === 'receipt' && entry.receipt === 'delivered' && entry.stanzaId === id)
    await alice.reads(id)
    await gateway.entry(entry => entry.kind === 'receipt' && entry.receipt === 'read' && entry.stanzaId === id)
  })

  it('shows what the owner writes on the phone as our own', async () => {
    await using scene = await nextTown()
    const { gateway, owner, alice } = scene
    await owner.types('from the phone', { to: alice })
    const message = await messageWith(gateway, 'from the phone')
    expect(message).toMatchObject({ fromMe: true, sender: { lid: owner.lid, phone: owner.phone } })
    expect(message.chat).toMatchObject({ kind: 'direct', peer: { lid: alice.lid } })
  })

  it('carries reactions both ways', async () => {
    await using scene = await nextTown()
    const { gateway, owner, alice } = scene
    const asked = await alice.says('agreed?', { to: owner })
    const { chat, stanzaId } = await messageWith(gateway, 'agreed?')
    const target = { stanzaId, fromMe: false, sender: alice.phone }
    await gateway.say(chat, '3EB0AAAAAAAAAAAAAAAAAA', { kind: 'reaction', emoji: '👍', target })
    expect(await alice.hears(heard => heard.kind === 'reaction')).toMatchObject({
      reaction: { emoji: '👍', to: asked },
    })
    await gateway.say(chat, '3EB0BBBBBBBBBBBBBBBBBB', 'done')
    const { id } = await alice.hears('done')
    await alice.reacts('❤️', { message: id })
    const content = await gateway.entry(
      entry => entry.kind === 'message' && entry.message.content.kind === 'reaction' && entry.message.content,
    )
    expect(content).toEqual({ kind: 'reaction', emoji: '❤️', target: id })
  })

  it('takes a message once, delivered twice and encrypted twice', async () => {
    await using scene = await nextTown()
    const { gateway, network, owner, alice } = scene
    const id = await alice.says('once', { to: owner })
    await messageWith(gateway, 'once')
    await network.faults.redeliver(owner, [id])
    await network.messageWhen(id, record => record.deliveries > 1)
    await alice.says('once', { to: owner, id })
    await alice.says('and then', { to: owner })
    await messageWith(gateway, 'and then')
    const { entries } = await gateway.supervisor.call('journal.pull', { ...gateway.account, after: 0, limit: 100 })
    expect(entries.filter(entry => entry.kind === 'message')).toHaveLength(2)
  })
})

describe.each(['lid', 'pn'] as const)('a group addressed by %s', addressingMode => {
  it('carries messages both ways, with mentions and the author of each', async () => {
    await using scene = await nextTown()
    const { gateway, network, owner, alice, bob } = scene
    const group = await network.group('Team', [owner, alice, bob], { addressingMode })
    await alice.says('hey you', { to: group, mentions: [owner] })
    const message = await messageWith(gateway, 'hey you')
    expect(message).toMatchObject({
      chat: { kind: 'group', group: group.id },
      sender: { lid: alice.lid, phone: alice.phone },
      mentioned: true,
    })
    const chat = { kind: 'group' as const, group: group.id as GroupId }
    expect(await gateway.say(chat, '3EB0AAAAAAAAAAAAAAAAAA', 'to all')).toEqual({ outcome: 'sent' })
    await Promise.all([alice.hears('to all'), bob.hears('to all')])
    await bob.says('not you', { to: group })
    expect(await messageWith(gateway, 'not you')).toMatchObject({ mentioned: false, sender: { lid: bob.lid } })
  })
})

describe('a send', () => {
  it('is rejected with the code that the server says', async () => {
    await using scene = await nextTown()
    const { gateway, network, owner, alice } = scene
    await network.faults.send(owner, { ack: 402, deliver: false, times: 1 })
    const outcome = await gateway.say(chatWith(alice), '3EB0AAAAAAAAAAAAAAAAAA', 'no')
    expect(outcome).toEqual({ outcome: 'rejected', code: 402 })
  })

  it('has an unknown end when the line drops before the ack, and goes out again under the same id', async () => {
    await using scene = await nextTown()
    const { gateway, network, owner, alice } = scene
    await network.faults.send(owner, { ack: 'drop', times: 1 })
    const after = gateway.events.length
    const outcome = await gateway.say(chatWith(alice), '3EB0AAAAAAAAAAAAAAAAAA', 'perhaps')
    expect(outcome).toEqual({ outcome: 'unknown' })
    await gateway.connection('connected', after)
    const again = await gateway.say(chatWith(alice), '3EB0AAAAAAAAAAAAAAAAAA', 'perhaps')
    expect(again).toEqual({ outcome: 'sent' })
    await alice.hears('perhaps')
  })
})
