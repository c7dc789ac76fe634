import { proto } from '@whiskeysockets/baileys'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { ChannelError } from '../../../../plugin/contract/errors/errors.ts'
import {
  lidFromDigits,
  parseGroupId,
  phoneFromDigits,
  type Chat,
  type Person,
} from '../../../../plugin/contract/ids.ts'
import type { SentFilePart } from '../../../../plugin/gateway/messages/file-message.ts'
import { renderMessage as render, type Saying } from '../../../../plugin/gateway/messages/to-whatsapp.ts'

const named = (): string => '77701@lid'
const renderMessage = (saying: Omit<Saying, 'complete' | 'file' | 'named'>) =>
  render({ ...saying, file: null, named, complete: person => person })

const direct: Chat = { kind: 'direct', peer: { lid: lidFromDigits('77701'), phone: phoneFromDigits('972500000001') } }
const groupId = parseGroupId('120363000000000001@g.us')
if (!groupId) throw new Error('not a group')
const group: Chat = { kind: 'group', group: groupId }

const reaction = (fromMe: boolean, sender: string) => ({
  kind: 'reaction' as const,
  emoji: '👍',
  target: { stanzaId: 'A1', fromMe, sender },
})
const keyOf = (bytes: Uint8Array) => proto.Message.decode(bytes).reactionMessage?.key

describe('the rendering of a message', () => {
  it('carries any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(), (text, at) => {
        const bytes = renderMessage({ content: { kind: 'text', text }, chat: direct, at })
        const said = proto.Message.decode(bytes).conversation ?? ''
        expect(said).toBe(Buffer.from(text).toString())
      }),
    )
  })

  it('names the message reacted to by its chat and id, and in a group by its author', () => {
    const at = 1_700_000_000_000
    expect(keyOf(renderMessage({ content: reaction(false, 'lid:77701'), chat: direct, at }))).toMatchObject({
      remoteJid: '77701@lid',
      fromMe: false,
      id: 'A1',
      participant: null,
    })
    expect(keyOf(renderMessage({ content: reaction(false, 'lid:77701'), chat: group, at }))).toMatchObject({
      participant: '77701@lid',
    })
    expect(keyOf(renderMessage({ content: reaction(true, 'lid:1'), chat: group, at }))?.participant).toBeNull()
  })

  it.each([
    [{ remoteJid: '972500000001@s.whatsapp.net', participant: null }, false, direct],
    [{ remoteJid: '77701@lid', participant: null }, true, direct],
    [{ remoteJid: groupId, participant: '972500000001@s.whatsapp.net' }, false, group],
    [{ remoteJid: groupId, participant: '55501@lid' }, true, group],
  ])('names a message by the key that it came with: %o', (key, fromMe, chat) => {
    const target = { stanzaId: 'A1', fromMe, sender: 'lid:77701', key }
    const named = { ...key, fromMe, id: 'A1' }
    const rendered = (content: Saying['content']) => proto.Message.decode(renderMessage({ content, chat, at: 1 }))
    expect(rendered({ kind: 'reaction', emoji: '👍', target }).reactionMessage?.key).toMatchObject(named)
    expect(rendered({ kind: 'edit', text: 'x', target }).protocolMessage?.key).toMatchObject(named)
    expect(rendered({ kind: 'delete', target }).protocolMessage?.key).toMatchObject(named)
    const quoted = rendered({ kind: 'text', text: 'x', quote: { ...target, text: 'y' } })
    const author = key.participant ?? (fromMe ? '77701@lid' : key.remoteJid)
    expect(quoted.extendedTextMessage?.contextInfo).toMatchObject({ stanzaId: 'A1', participant: author })
  })

  it('names a message to a list in the chat with whoever wrote it', () => {
    const key = { remoteJid: '123@broadcast', participant: '77701@lid' }
    const content = { kind: 'reaction' as const, emoji: '👍', target: { ...reaction(false, 'lid:77701').target, key } }
    expect(keyOf(renderMessage({ content, chat: direct, at: 1 }))).toMatchObject({
      remoteJid: '77701@lid',
      participant: null,
      fromMe: false,
    })
  })

  it('takes a reaction back with an empty one', () => {
    const content = { ...reaction(false, '+972500000001'), emoji: '' }
    const rendered = proto.Message.decode(renderMessage({ content, chat: direct, at: 1 }))
    expect(rendered.reactionMessage).toMatchObject({ text: '' })
  })

  it('refuses a reaction whose author cannot be named', () => {
    expect(() => renderMessage({ content: reaction(false, 'nobody'), chat: group, at: 1 })).toThrow(/no sender/)
  })
})

describe('the rendering of other kinds', () => {
  const rendered = (content: Saying['content'], chat: Chat = direct) =>
    proto.Message.decode(renderMessage({ content, chat, at: 1_700_000_000_000 }))
  const target = { stanzaId: 'A1', fromMe: true, sender: '+4915112345678' }
  const quote = { stanzaId: 'Q1', fromMe: false, sender: 'lid:77701', text: 'before' }

  it('quotes the message that it answers', () => {
    const contextInfo = { stanzaId: 'Q1', participant: '77701@lid', quotedMessage: { conversation: 'before' } }
    expect(rendered({ kind: 'text', text: 'yes', quote }).toJSON()).toEqual({
      extendedTextMessage: { text: 'yes', contextInfo },
      messageContextInfo: { messageSecret: expect.any(String) as string },
    })
    const place = { kind: 'location', latitude: 1, longitude: 2, name: 'Office', address: '' } as const
    expect(rendered({ ...place, quote }).toJSON()).toMatchObject({ locationMessage: { name: 'Office', contextInfo } })
  })

  it('mentions people where the text names them, by LID when it is known', () => {
    const complete = (person: Person): Person =>
      person.phone === '+972500000001' ? { lid: lidFromDigits('77701'), phone: person.phone } : person
    const text = 'ask @+972500000001 or @+9725000000012, not @lid:555'
    const content = { kind: 'text', text, mentions: ['+972500000001', '+9725000000012', 'lid:555'] } as const
    const { extendedTextMessage: said } = proto.Message.decode(
      render({ content, chat: group, at: 1, complete, named, file: null }),
    )
    expect(said?.text).toBe('ask @77701 or @9725000000012, not @555')
    expect(said?.contextInfo?.mentionedJid?.toSorted()).toEqual([
      '555@lid',
      '77701@lid',
      '9725000000012@s.whatsapp.net',
    ])
  })

  it('makes a poll of one choice in another version than one of several', () => {
    const content = { kind: 'poll', question: 'Lunch?', options: ['Soup', 'Salad'], most: 1 } as const
    expect(rendered(content).pollCreationMessageV3).toMatchObject({ name: 'Lunch?' })
    expect(rendered({ ...content, most: 0 }).pollCreationMessage?.options).toHaveLength(2)
  })

  const file = {
    kind: 'image',
    artifact: 'art_1',
    mime: 'image/png',
    fileName: null,
    sizeBytes: 1,
    sha256: '',
  } as const
  /** Whether people can say something about it that only they can read who have it. */
  type Sayable = Exclude<Saying['content']['kind'], 'forgotten'>
  const SECRETS: { readonly [Kind in Sayable]: [Saying['content'] & { kind: Kind }, boolean] } = {
    text: [{ kind: 'text', text: 'x' }, true],
    media: [{ kind: 'media', file, caption: '' }, true],
    location: [{ kind: 'location', latitude: 1, longitude: 2, name: '', address: '' }, true],
    contact: [{ kind: 'contact', name: 'Bob', phone: '+972500000002' }, true],
    poll: [{ kind: 'poll', question: 'Lunch?', options: ['Soup'], most: 1 }, true],
    reaction: [reaction(true, '+4915112345678'), false],
    edit: [{ kind: 'edit', text: 'x', target }, false],
    delete: [{ kind: 'delete', target }, false],
  }
  const part: SentFilePart = {
    kind: 'image',
    mime: 'image/png',
    mediaKey: Buffer.alloc(32),
    fileSha256: Buffer.alloc(32),
    fileEncSha256: Buffer.alloc(32),
    fileLength: 1,
    url: null,
    directPath: '/',
  }

  it.each(Object.values(SECRETS))(
    'gives what is said a secret of its own, and what changes it none: %j',
    (content, has) => {
      const secretOf = () => {
        const bytes = render({ content, chat: direct, at: 1, file: part, named, complete: person => person })
        return proto.Message.decode(bytes).messageContextInfo?.messageSecret
      }
      const [one, other] = [secretOf(), secretOf()]
      expect(one?.length).toBe(has ? 32 : undefined)
      if (has) expect(one).not.toEqual(other)
    },
  )

  it('makes nothing of what is forgotten', () => {
    expect(() => rendered({ kind: 'forgotten' })).toThrow(new ChannelError('bad_request'))
  })

  it('makes a contact card whose name can add no line to it', () => {
    const card = rendered({ kind: 'contact', name: 'Bob\nTEL:+1;x', phone: '+972500000002' }).contactMessage
    expect(card?.vcard?.split('\n')).toEqual([
      'BEGIN:VCARD',
      'VERSION:3.0',
      String.raw`N:;Bob TEL:+1\;x;;;`,
      String.raw`FN:Bob TEL:+1\;x`,
      'TEL;type=CELL;type=VOICE;waid=972500000002:+972500000002',
      'END:VCARD',
    ])
  })

  it('edits and deletes what we sent', () => {
    expect(rendered({ kind: 'edit', text: 'better', target }).toJSON()).toMatchObject({
      protocolMessage: {
        type: 'MESSAGE_EDIT',
        key: { id: 'A1', fromMe: true },
        editedMessage: { conversation: 'better' },
      },
    })
    expect(rendered({ kind: 'delete', target }, group).toJSON()).toMatchObject({
      protocolMessage: { type: 'REVOKE', key: { id: 'A1', fromMe: true } },
    })
  })
})
