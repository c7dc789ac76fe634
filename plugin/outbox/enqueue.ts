import { createHash } from 'node:crypto'

import type { AccountKey } from '../contract/ids.ts'
import type { NewSend } from '../store/sends/new-send.ts'
import type { SendRateLimiter } from './rate-limiter.ts'
import { DAY_MS, HOUR_MS } from '../base/durations.ts'
import type { Connection } from '../store/sql/connection.ts'
import { addKeptFile } from '../store/messages/attachments.ts'
import { addMessage } from '../store/messages/messages.ts'
import { findSaid, lifetimeIn } from '../store/messages/lifetimes.ts'
import { addSend, findSend, type StoredSend } from '../store/sends/sends.ts'
import { noteOwnChange } from '../store/messages/conversation.ts'

/** How old a reply may become before it expires, in ms: later it would answer nothing any more. */
export const REPLY_TTL_MS = HOUR_MS
/** How old a send of the API may become before it expires, in ms. */
export const SEND_TTL_MS = DAY_MS

/** WhatsApp's id for a send: the same for each of its transmissions, in this process and the next. */
export function stanzaIdOf({ org, account, id }: AccountKey & { readonly id: string }): string {
  const hash = createHash('sha256').update(`${org}/${account}${id}`).digest('hex')
  return `3EB0${hash.slice(0, 18).toUpperCase()}`
}

/** Stores the message and its send under one sequence number of the org's stream, with the random delays drawn for it. */
export async function enqueue(transaction: Connection, message: NewSend, pace: SendRateLimiter): Promise<StoredSend> {
  const { org, account, id, chatKey, content, answers } = message
  const acceptedAt = Date.now()
  const stanzaId = stanzaIdOf(message)
  const chat = { org, account, chatKey }
  const quotes = 'quote' in content && content.quote ? await findSaid(transaction, chat, content.quote.stanzaId) : null
  const { id: messageId, seq } = await addMessage(transaction, {
    org,
    account,
    chatKey,
    stanzaId,
    content,
    direction: 'outbound',
    senderId: message.from,
    receiverId: null,
    edits: null,
    fromMe: true,
    senderName: null,
    mentioned: false,
    quoted: null,
    quotes,
    outcome: 'accepted',
    bindingId: null,
    judged: null,
    answers,
    sentAt: acceptedAt,
    receivedAt: acceptedAt,
    // The chat's last known timer. The timer it is sent with is known when it is sent.
    expiresInSeconds: await lifetimeIn(transaction, chat),
  })
  if (content.kind === 'media') await addKeptFile(transaction, { org, account, id: messageId }, content.file)
  if (content.kind === 'edit' || content.kind === 'delete')
    await noteOwnChange(transaction, { org, account, chatKey, stanzaId: content.target.stanzaId }, messageId)
  const paced = await pacedAs(transaction, message, { pace, acceptedAt })
  const askFirst = message.askFirst === true || message.class === 'cold'
  const kept = { org, account, id, chatKey, stanzaId, content, acceptedAt, messageId, seq, askFirst, ...paced }
  await addSend(transaction, kept)
  const send = await findSend(transaction, org, id)
  if (!send) throw new Error('a send that was just stored is there')
  return send
}

type Paced = Pick<StoredSend, 'class' | 'notBefore' | 'gapMs' | 'expiresAt' | 'textHash' | 'held'>

async function pacedAs(
  transaction: Connection,
  message: NewSend,
  { pace, acceptedAt }: { pace: SendRateLimiter; acceptedAt: number },
): Promise<Paced> {
  const { content, replyIndex, class: kind } = message
  const text = content.kind === 'text' ? content.text : null
  const reply = replyIndex !== null
  const { delayMs, gapMs } = pace.draw(message.org, {
    class: kind,
    firstReply: replyIndex === 0,
    characters: text?.length ?? 0,
  })
  // Many people may get the same answer, so only texts that nobody asked for are held. Replies do not count as earlier copies
  // either.
  const textHash = text === null || reply ? null : createHash('sha256').update(text).digest('hex')
  const held = textHash !== null && (await pace.tooMany(transaction, message, textHash)) ? 'same_text' : null
  const expiresAt = acceptedAt + (reply ? REPLY_TTL_MS : SEND_TTL_MS)
  const notBefore = acceptedAt + Math.max(0, delayMs - (message.waitedMs ?? 0))
  return { class: kind, notBefore, gapMs, expiresAt, textHash, held }
}
