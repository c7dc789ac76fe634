import { proto } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'
import { linkedClient } from '../support/network-client.ts'
import { startNetwork } from '../support/network.ts'

async function town() {
  const network = await startNetwork()
  const owner = await network.phone('owner')
  const alice = await network.phone('alice')
  const bob = await network.phone('bob')
  const client = await linkedClient(network, owner)
  return {
    network,
    owner,
    alice,
    bob,
    client,
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]()
      await network[Symbol.asyncDispose]()
    },
  }
}

describe('direct chats', () => {
  it('carry a conversation both ways, under the LID as under the phone number', async () => {
    await using scene = await town()
    const { alice, owner, client } = scene
    await alice.says('by lid', { to: owner })
    const byLid = await client.receives(({ message }) => message?.conversation === 'by lid')
    expect(byLid.key).toMatchObject({
      remoteJid: `${alice.lid}@lid`,
      remoteJidAlt: `${alice.phone.slice(1)}@s.whatsapp.net`,
    })
    expect(byLid.pushName).toBe('alice')

    await alice.says('by number', { to: owner, addressedBy: 'pn' })
    const byNumber = await client.receives(({ message }) => message?.conversation === 'by number')
    expect(byNumber.key).toMatchObject({
      remoteJid: `${alice.phone.slice(1)}@s.whatsapp.net`,
      remoteJidAlt: `${alice.lid}@lid`,
    })

    await client.socket.sendMessage(`${alice.lid}@lid`, { text: 'answer by lid' })
    expect(await alice.hears('answer by lid')).toMatchObject({ from: { name: 'owner', device: 1 }, own: false })
    await client.socket.sendMessage(`${alice.phone.slice(1)}@s.whatsapp.net`, { text: 'answer by number' })
    await alice.hears('answer by number')
    expect(await owner.hears('answer by number')).toMatchObject({ own: true, chat: { with: 'alice' } })
  })

  it('tell only one address when the sender keeps the other', async () => {
    await using scene = await town()
    const { bob, owner, client } = scene
    await bob.says('who am I', { to: owner, revealAlternate: false })
    const message = await client.receives(({ message }) => message?.conversation === 'who am I')
    expect(message.key.remoteJid).toBe(`${bob.lid}@lid`)
    expect(message.key.remoteJidAlt).toBeUndefined()
  })

  it('show what the owner types on the phone as sent by the account', async () => {
    await using scene = await town()
    const { alice, owner, client } = scene
    await owner.types('typed by hand', { to: alice })
    const message = await client.receives(({ message }) => message?.conversation === 'typed by hand')
    expect(message.key).toMatchObject({ fromMe: true, remoteJid: `${alice.lid}@lid` })
    await alice.hears('typed by hand', { from: owner })
  })

  it('carry quotes, mentions, reactions, and receipts told apart', async () => {
    await using scene = await town()
    const { network, alice, owner, client } = scene
    const question = await alice.says('how are you', { to: owner })
    await client.receives(({ key }) => key.id === question)
    await network.messageWhen(question, ({ settlements }) => settlements === 1)

    const sent = await client.socket.sendMessage(`${alice.lid}@lid`, { text: 'fine' })
    const id = sent?.key.id ?? ''
    await alice.hears('fine')
    await alice.reads(id)
    expect(await client.reaches(id, proto.WebMessageInfo.Status.READ)).toBe(proto.WebMessageInfo.Status.READ)
    await alice.reacts('👍', { message: id })
    const reaction = await client.receives(({ message }) => message?.reactionMessage?.text === '👍')
    expect(reaction.message?.reactionMessage?.key).toMatchObject({ id, fromMe: true })

    await alice.says('again @owner', { to: owner, quotes: question, mentions: [owner] })
    const quoting = await client.receives(({ message }) => message?.extendedTextMessage?.text === 'again @owner')
    expect(quoting.message?.extendedTextMessage?.contextInfo).toMatchObject({
      stanzaId: question,
      mentionedJid: [`${owner.lid}@lid`],
    })
  })
})

describe.each(['lid', 'pn'] as const)('a group that names its members by %s', addressingMode => {
  it('carries messages both ways and names the sender by both addresses', async () => {
    await using scene = await town()
    const { network, alice, bob, owner, client } = scene
    const group = await network.group('team', [owner, alice, bob], { addressingMode })
    const addresses = { lid: `${alice.lid}@lid`, pn: `${alice.phone.slice(1)}@s.whatsapp.net` }
    await alice.says('first', { to: group })
    await alice.says('second', { to: group })
    const second = await client.receives(({ message }) => message?.conversation === 'second')
    expect(second.key).toMatchObject({
      remoteJid: group.id,
      participant: addresses[addressingMode],
      participantAlt: addresses[addressingMode === 'lid' ? 'pn' : 'lid'],
    })

    await client.socket.sendMessage(group.id, { text: 'one for all' })
    await client.socket.sendMessage(group.id, { text: 'and another' })
    for (const member of [alice, bob, owner]) {
      expect(await member.hears('one for all')).toMatchObject({ chat: { group: group.id } })
      await member.hears('and another')
    }
    expect((await network.ledger()).undecryptable).toEqual([])
  })
})

it('lets two linked clients talk to each other', async () => {
  await using scene = await town()
  const { network, alice, owner, client } = scene
  await using other = await linkedClient(network, alice)
  await client.socket.sendMessage(`${alice.lid}@lid`, { text: 'machine to machine' })
  const message = await other.receives(({ message }) => message?.extendedTextMessage?.text === 'machine to machine')
  expect(message.key.remoteJid).toBe(`${owner.lid}@lid`)
  await alice.hears('machine to machine')
})
