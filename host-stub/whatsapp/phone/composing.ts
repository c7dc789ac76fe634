import type { proto } from '@whiskeysockets/baileys'
import type { Account } from '../world/accounts.ts'
import type { AddressingMode } from '../world/groups.ts'
import { withContext } from '../wire/message-context.ts'
import type { SaidMessage } from '../world/messages.ts'
import { addressOf } from './speaking.ts'

/** What a message says about other people and messages, besides its own content. */
export interface Remarks {
  mentions: Account[]
  quotes: SaidMessage | undefined
  /** What is quoted: the whole message, nothing, or a text that the message does not have. */
  quoteBody: 'whole' | 'none' | { claimed: string }
  /** How often the message claims to have been forwarded. */
  forwarded: number | undefined
  mentionsAll: 'mark' | { group: string } | undefined
  addressedBy: AddressingMode
}

/** Adds the remarks to a message, in the place that its kind has for them. */
export function withRemarks(content: proto.IMessage, remarks: Remarks): proto.IMessage {
  const context = contextOf(remarks)
  return Object.keys(context).length === 0 ? content : withContext(content, context)
}

function contextOf({ mentions, quotes, quoteBody, forwarded, mentionsAll, addressedBy }: Remarks): proto.IContextInfo {
  const mentionedJid = mentions.map(account => addressOf(account, addressedBy))
  const quotation = quotes && { stanzaId: quotes.id, participant: addressOf(quotes.author, addressedBy) }
  const body = quotes && bodyOf(quotes.content, quoteBody)
  return {
    ...quotation,
    ...(body && { quotedMessage: body }),
    ...(mentionedJid.length > 0 && { mentionedJid }),
    ...(forwarded !== undefined && { isForwarded: true }),
    ...(forwarded !== undefined && forwarded > 0 && { forwardingScore: forwarded }),
    ...(mentionsAll === 'mark' && { nonJidMentions: 1 }),
    ...(typeof mentionsAll === 'object' && { groupMentions: [{ groupJid: mentionsAll.group }] }),
  }
}

/** Phones do not quote the message context, which contains the secret and the album. */
function bodyOf(
  { messageContextInfo: _kept, ...said }: proto.IMessage,
  body: Remarks['quoteBody'],
): proto.IMessage | undefined {
  if (body === 'none') return undefined
  return body === 'whole' ? said : { conversation: body.claimed }
}

/** A reaction; an empty emoji removes it. */
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
