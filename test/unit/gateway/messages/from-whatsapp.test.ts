import { proto, type WAMessage } from '@whiskeysockets/baileys'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { lidFromDigits, phoneFromDigits, type Person } from '../../../../plugin/contract/ids.ts'
import { fromWhatsApp, undecryptableFrom } from '../../../../plugin/gateway/messages/from-whatsapp.ts'

const SELF: Person = { lid: lidFromDigits('55501'), phone: phoneFromDigits('4915112345678') }
const ALICE: Person = { lid: lidFromDigits('77701'), phone: phoneFromDigits('972500000001') }
const [ALICE_LID, ALICE_PN] = ['77701@lid', '972500000001@s.whatsapp.net']
const GROUP = '120363000000000001@g.us'

const reading = {
  self: SELF,
  receivedAt: 5,
  complete: (person: Person) => person,
  choice: () => null,
  open: () => 'secret_unknown' as const,
}
const knowing = { ...reading, complete: (person: Person) => (person.lid === ALICE.lid ? ALICE : person) }

/** A key by what differs from Alice's own; undefined takes a part away. */
type Key = { readonly [Name in keyof WAMessage['key']]?: WAMessage['key'][Name] | undefined }

const received = (message: proto.IMessage | null, key: Key = {}): WAMessage => ({
  key: { remoteJid: ALICE_LID, remoteJidAlt: ALICE_PN, id: 'A1', fromMe: false, ...key } as WAMessage['key'],
  message,
  messageTimestamp: 1_700_000_000,
  pushName: 'Alice',
})
const read = (message: proto.IMessage | null, key?: Key) => fromWhatsApp(received(message, key), reading)

const {
  APP_STATE_SYNC_KEY_SHARE,
  HISTORY_SYNC_NOTIFICATION,
  MESSAGE_EDIT,
  PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE: PHONE_ANSWER,
  REVOKE,
} = proto.Message.ProtocolMessage.Type
const byBob = { id: 'A0', fromMe: false, participant: '77702@lid' }

describe('a message of WhatsApp', () => {
  it('becomes one of ours, with both addresses of its sender', () => {
    expect(read({ conversation: 'hello' })).toEqual({
      stanzaId: 'A1',
      key: { remoteJid: ALICE_LID, participant: null },
      chat: { kind: 'direct', peer: ALICE },
      sender: ALICE,
      receiver: SELF,
      fromMe: false,
      senderName: 'Alice',
      content: { kind: 'text', text: 'hello' },
      file: null,
      mentioned: false,
      mentionsAll: false,
      forwarded: null,
      quoted: null,
      edits: null,
      sentAt: 1_700_000_000_000,
      receivedAt: 5,
    })
  })

  it('keeps one address when the other is unknown, and adds it when it was learned', () => {
    const alone = received({ conversation: 'x' }, { remoteJidAlt: undefined })
    expect(fromWhatsApp(alone, reading)?.sender).toEqual({ lid: ALICE.lid, phone: null })
    expect(fromWhatsApp(alone, knowing)?.sender).toEqual(ALICE)
  })

  it('names the group and its author', () => {
    const key = { remoteJid: GROUP, remoteJidAlt: undefined, participant: '77701:3@lid', participantAlt: ALICE_PN }
    expect(read({ conversation: 'x' }, key)).toMatchObject({ chat: { kind: 'group', group: GROUP }, sender: ALICE })
    expect(read({ conversation: 'x' }, { ...key, participant: undefined, participantAlt: undefined })).toBeNull()
  })

  it('is ours when the linked number wrote it, in a chat with the recipient', () => {
    const key = { fromMe: true, remoteJid: ALICE_PN, remoteJidAlt: '55501@lid' }
    const own = fromWhatsApp(received({ conversation: 'x' }, key), reading)
    expect(own).toMatchObject({ fromMe: true, sender: SELF, chat: { peer: { lid: null, phone: ALICE.phone } } })
    const toSelf = { fromMe: true, remoteJid: '55501@lid', remoteJidAlt: '55501@lid' }
    expect(read({ conversation: 'x' }, toSelf)).toMatchObject({ chat: { peer: SELF } })
  })

  it.each<[string, proto.IMessage]>([
    ['ephemeral', { ephemeralMessage: { message: { extendedTextMessage: { text: 'inner' } } } }],
    ['view-once', { viewOnceMessageV2: { message: { conversation: 'inner' } } }],
    ['twice wrapped', { ephemeralMessage: { message: { viewOnceMessage: { message: { conversation: 'inner' } } } } }],
  ])('is unwrapped: %s', (_name, message) => {
    expect(read(message)?.content).toEqual({ kind: 'text', text: 'inner' })
  })

  it('to a list that we are on is its author’s direct message, by the key that it came with', () => {
    const key = { remoteJid: '123@broadcast', remoteJidAlt: ALICE_PN, participant: '77701:3@lid' }
    expect(read({ conversation: 'to all' }, key)).toMatchObject({
      chat: { kind: 'direct', peer: ALICE },
      sender: ALICE,
      fromMe: false,
      key: { remoteJid: '123@broadcast', participant: '77701@lid' },
    })
  })

  it.each<[Key, object]>([
    [{ remoteJid: '77701:7@lid' }, { remoteJid: '77701@lid', participant: null }],
    [
      { remoteJid: ALICE_PN, remoteJidAlt: ALICE_LID },
      { remoteJid: ALICE_PN, participant: null },
    ],
    [
      { remoteJid: ALICE_PN, fromMe: true },
      { remoteJid: ALICE_PN, participant: null },
    ],
    [
      { remoteJid: GROUP, participant: '972500000001:2@s.whatsapp.net', participantAlt: ALICE_LID },
      { remoteJid: GROUP, participant: ALICE_PN },
    ],
    [
      { remoteJid: GROUP, participant: '55501:4@lid', fromMe: true },
      { remoteJid: GROUP, participant: '55501@lid' },
    ],
  ])('keeps the key that it came with: %o', (key, kept) => {
    expect(read({ conversation: 'x' }, key)?.key).toEqual(kept)
  })

  it('keeps an empty text as a text', () => {
    expect(read({ conversation: '' })?.content).toEqual({ kind: 'text', text: '' })
    expect(read({ extendedTextMessage: {} })?.content).toEqual({ kind: 'text', text: '' })
  })

  it('is a reaction to a message, or takes one back', () => {
    const reaction = (text: string) => ({ reactionMessage: { key: { id: 'B2', remoteJid: ALICE_LID }, text } })
    expect(read(reaction('👍'))?.content).toEqual({ kind: 'reaction', emoji: '👍', target: 'B2' })
    expect(read(reaction(''))?.content).toEqual({ kind: 'reaction', emoji: '', target: 'B2' })
  })

  it('is unsupported under its own name, with its caption', () => {
    expect(read({ groupInviteMessage: { caption: 'join us' } })?.content).toEqual({
      kind: 'unsupported',
      type: 'groupInviteMessage',
      caption: 'join us',
    })
    expect(read({ ephemeralMessage: {} })?.content).toEqual({ kind: 'unsupported', type: 'unknown', caption: '' })
  })

  it('mentions the linked number by LID or by phone number', () => {
    const mentioning = (jid: string) => ({
      extendedTextMessage: { text: '@you', contextInfo: { mentionedJid: [jid] } },
    })
    expect(read(mentioning('55501@lid'))?.mentioned).toBe(true)
    expect(read(mentioning('4915112345678@s.whatsapp.net'))?.mentioned).toBe(true)
    expect(read(mentioning('999@lid'))?.mentioned).toBe(false)
    const contextInfo = { mentionedJid: ['55501@lid'] }
    expect(read({ imageMessage: { caption: '@you look', contextInfo } })?.mentioned).toBe(true)
    const document = { documentMessage: { caption: '@you read', contextInfo } }
    expect(read({ documentWithCaptionMessage: { message: document } })?.mentioned).toBe(true)
  })

  it('mentions nobody by what it quotes: whether that is ours is for the store to say', () => {
    const contextInfo = { stanzaId: 'Q1', participant: '55501@lid', quotedMessage: { conversation: 'before' } }
    expect(read({ extendedTextMessage: { text: 'yes', contextInfo } })?.mentioned).toBe(false)
  })

  it('quotes another one, with its author', () => {
    const contextInfo = { stanzaId: 'Q1', participant: '77701@lid', quotedMessage: { conversation: 'before' } }
    const quoted = fromWhatsApp(received({ extendedTextMessage: { text: 'x', contextInfo } }), knowing)?.quoted
    expect(quoted).toEqual({ stanzaId: 'Q1', sender: ALICE, text: 'before' })
    expect(read({ imageMessage: { contextInfo: { stanzaId: 'Q2' } } })?.quoted).toEqual({
      stanzaId: 'Q2',
      sender: null,
      text: null,
    })
  })

  it('edits an earlier one, wrapped or not', () => {
    const edit = { type: MESSAGE_EDIT, key: { id: 'A0' }, editedMessage: { conversation: 'better' } }
    for (const message of [{ protocolMessage: edit }, { editedMessage: { message: { protocolMessage: edit } } }]) {
      expect(read(message)).toMatchObject({ stanzaId: 'A1', edits: 'A0', content: { kind: 'text', text: 'better' } })
    }
  })

  it('takes an earlier one back', () => {
    const key = { id: 'A0', fromMe: true }
    expect(read({ protocolMessage: { type: REVOKE, key } })).toMatchObject({
      stanzaId: 'A1',
      edits: null,
      content: { kind: 'revoke', target: 'A0' },
    })
  })

  it('takes back what another wrote in a group, and nowhere else', () => {
    const key = { id: 'A0', participant: '77701@lid' }
    const message = { protocolMessage: { type: REVOKE, key } }
    const inGroup = { ...received(message), key: { ...received(message).key, remoteJid: '120363000000000001@g.us' } }
    const said = fromWhatsApp({ ...inGroup, key: { ...inGroup.key, participant: '88801@lid' } }, knowing)
    expect(said?.content).toEqual({ kind: 'revoke', target: 'A0', author: ALICE })
    const own = fromWhatsApp({ ...inGroup, key: { ...inGroup.key, participant: '77701@lid' } }, knowing)
    expect(own?.content).toEqual({ kind: 'revoke', target: 'A0' })
    const others = { type: REVOKE, key: { id: 'A0', participant: '88801@lid' } }
    expect(fromWhatsApp(received({ protocolMessage: others }), knowing)).toBeNull()
  })

  it('is known by its envelope when it cannot be decrypted', () => {
    expect(undecryptableFrom(received(null), reading)).toMatchObject({
      stanzaId: 'A1',
      edits: null,
      content: { kind: 'undecryptable' },
    })
    expect(undecryptableFrom({ ...received(null), category: 'peer' }, reading)).toBeNull()
  })

  it.each<[string, proto.IMessage | null, Key]>([
    ['a status post', { conversation: 'x' }, { remoteJid: 'status@broadcast', participant: ALICE_LID }],
    ['a newsletter', { conversation: 'x' }, { remoteJid: '123@newsletter' }],
    ['what we write to a list', { conversation: 'x' }, { remoteJid: '123@broadcast', participant: '55501@lid' }],
    ['what nobody writes to a list', { conversation: 'x' }, { remoteJid: '123@broadcast' }],
    ['what could not be decrypted', null, {}],
    ['a revocation of what another wrote', { protocolMessage: { type: REVOKE, key: byBob } }, {}],
    ['a revocation of nothing', { protocolMessage: { type: REVOKE } }, {}],
    ['a spoofed key share', { protocolMessage: { type: APP_STATE_SYNC_KEY_SHARE, key: { id: 'A0' } } }, {}],
    ['a spoofed answer of the phone', { protocolMessage: { type: PHONE_ANSWER, key: { id: 'A0' } } }, {}],
    ['history', { protocolMessage: { type: HISTORY_SYNC_NOTIFICATION } }, {}],
    ['a sender key alone', { senderKeyDistributionMessage: { groupId: GROUP } }, {}],
    ['what has no id', { conversation: 'x' }, { id: null }],
  ])('is none: %s', (_name, message, key) => {
    expect(read(message, key)).toBeNull()
  })

  it('is no message when the phone speaks to its own device', () => {
    expect(fromWhatsApp({ ...received({ conversation: 'x' }), category: 'peer' }, reading)).toBeNull()
  })

  it('is read without a throw whatever its bytes say', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (bytes, jid) => {
        const message = decoded(bytes)
        if (message) expect(() => read(message, { remoteJid: jid })).not.toThrow()
      }),
      { numRuns: 2_000 },
    )
  })
})

function decoded(bytes: Uint8Array): proto.IMessage | null {
  try {
    return proto.Message.decode(bytes)
  } catch {
    return null
  }
}
