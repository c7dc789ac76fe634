import { proto } from '@whiskeysockets/baileys'

import { ChannelError } from '../contract/errors.ts'
import type { OutboundContent } from '../contract/delivery.ts'
import type { Chat } from '../contract/ids.ts'
import { jidOfAddress, jidOfChat } from './identity.ts'

/** What is said, where, and when it was said: all that its bytes depend on. */
export type Saying = { readonly content: OutboundContent; readonly chat: Chat; readonly at: number }

/** The protobuf of what is to be said. The same saying has the same bytes: nothing in them is random. */
export function renderMessage(saying: Saying): Uint8Array {
  return proto.Message.encode(messageOf(saying)).finish()
}

function messageOf({ content, chat, at }: Saying): proto.IMessage {
  switch (content.kind) {
    case 'text':
      return { conversation: content.text }
    case 'reaction':
      return { reactionMessage: { key: targetKey(content.target, chat), text: content.emoji, senderTimestampMs: at } }
  }
}

type Target = Extract<OutboundContent, { kind: 'reaction' }>['target']

/** In a group the key also names who wrote the message; a message of ours needs no name. */
function targetKey(target: Target, chat: Chat): proto.IMessageKey {
  const key = { remoteJid: jidOfChat(chat), fromMe: target.fromMe, id: target.stanzaId }
  if (chat.kind === 'direct' || target.fromMe) return key
  const participant = jidOfAddress(target.sender)
  if (!participant) throw new ChannelError('bad_request', 'The message reacted to has no sender that can be named.')
  return { ...key, participant }
}
