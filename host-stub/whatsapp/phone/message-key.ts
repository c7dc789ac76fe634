import type { proto } from '@whiskeysockets/baileys'
import type { SaidMessage } from '../world/messages.ts'
import { addressOf } from './speaking.ts'

/** A message of one's own, as the phone of its author names it. */
export function ownKey({
  id,
  author,
  chat,
  addressedBy: mode,
}: Pick<SaidMessage, 'id' | 'author' | 'chat' | 'addressedBy'>): proto.IMessageKey {
  if ('group' in chat) return { remoteJid: chat.group.id, fromMe: true, id, participant: addressOf(author, mode) }
  return { remoteJid: addressOf(chat.peer, mode), fromMe: true, id }
}
