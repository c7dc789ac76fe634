import { proto } from '@whiskeysockets/baileys'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { lidFromDigits, parseGroupId, phoneFromDigits, type Chat } from '../../plugin/contract/ids.ts'
import { renderMessage } from '../../plugin/gateway/to-whatsapp.ts'

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
  it('carries any text, and gives the same bytes each time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(), (text, at) => {
        const bytes = renderMessage({ content: { kind: 'text', text }, chat: direct, at })
        expect(bytes).toEqual(renderMessage({ content: { kind: 'text', text }, chat: direct, at }))
        const said = proto.Message.decode(bytes).conversation ?? ''
        expect(said).toBe(Buffer.from(text).toString())
      }),
    )
  })

  it('names the message reacted to by its chat and id, and in a group by its author', () => {
    const at = 1_700_000_000_000
    expect(keyOf(renderMessage({ content: reaction(false, 'lid:77701'), chat: direct, at }))).toMatchObject({
      remoteJid: '972500000001@s.whatsapp.net',
      fromMe: false,
      id: 'A1',
      participant: null,
    })
    expect(keyOf(renderMessage({ content: reaction(false, 'lid:77701'), chat: group, at }))).toMatchObject({
      remoteJid: group.kind === 'group' ? group.group : '',
      participant: '77701@lid',
    })
    expect(keyOf(renderMessage({ content: reaction(true, 'lid:1'), chat: group, at }))?.participant).toBeNull()
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
