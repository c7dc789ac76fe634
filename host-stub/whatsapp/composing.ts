import type { proto } from '@whiskeysockets/baileys'
import type { Account } from './accounts.ts'
import type { AddressingMode } from './groups.ts'
import type { SaidMessage } from './messages.ts'
import { addressOf } from './speaking.ts'

export interface TextDraft {
  text: string
  mentions: Account[]
  quotes: SaidMessage | undefined
  addressedBy: AddressingMode
}

/** A text as phones write it: plain, or extended when it mentions or quotes somebody. */
export function composeText({ text, mentions, quotes, addressedBy }: TextDraft): proto.IMessage {
  if (mentions.length === 0 && !quotes) return { conversation: text }
  const quotation = quotes && {
    stanzaId: quotes.id,
    participant: addressOf(quotes.author, addressedBy),
    quotedMessage: quotes.content,
  }
  const mentionedJid = mentions.map(account => addressOf(account, addressedBy))
  return { extendedTextMessage: { text, contextInfo: { ...quotation, mentionedJid } } }
}

/** A reaction; an empty emoji takes it back. */
export function composeReaction(
  author: Account,
  target: SaidMessage,
  { emoji, addressedBy }: { emoji: string; addressedBy: AddressingMode },
): proto.IMessage {
  const inGroup = 'group' in target.chat
  const peer = 'peer' in target.chat && target.author === author ? target.chat.peer : target.author
  const key = {
    remoteJid: 'group' in target.chat ? target.chat.group.id : addressOf(peer, addressedBy),
    fromMe: target.author === author,
    id: target.id,
    ...(inGroup ? { participant: addressOf(target.author, addressedBy) } : {}),
  }
  return { reactionMessage: { key, text: emoji, senderTimestampMs: Date.now() } }
}
