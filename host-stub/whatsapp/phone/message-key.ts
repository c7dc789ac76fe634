import type { proto } from '@whiskeysockets/baileys'
import type { SaidMessage } from '../world/messages.ts'
import { addressOf } from './speaking.ts'

/** The key of an own message, as its author's phone writes it. */
export function ownKey({
  id,
  author,
  chat,
  addressedBy: mode,
}: Pick<SaidMessage, 'id' | 'author' | 'chat' | 'addressedBy'>): proto.IMessageKey {
  if ('group' in chat) return { remoteJid: chat.group.id, fromMe: true, id, participant: addressOf(author, mode) }
  return { remoteJid: addressOf(chat.peer, mode), fromMe: true, id }
}
