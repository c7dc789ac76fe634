import type { Claimed } from './claimed.ts'
import type { MessageContent } from './content.ts'
import type { Chat, Person } from './ids.ts'

/**
 * The quoted message as the quoting sender describes it: only a claim until our store has such a message in that chat. `sender`
 * is null if the quote names nobody; `text` if it contains none.
 */
export type QuotedMessage = {
  readonly stanzaId: string
  readonly sender: Person | null
  readonly text: string | null
}

/**
 * The message is marked as forwarded; `score` is roughly how often it was forwarded before. Both are the sender's claim; a
 * dishonest sender leaves the mark out.
 */
export type Forwarding = { readonly score: number }

/**
 * The key of a message in WhatsApp's stanza: its chat, and its author if the stanza named one; JIDs without a device. Later
 * references to the message use this key.
 */
export type MessageKey = { readonly remoteJid: string; readonly participant: string | null }

/**
 * A message as the gateway hands it to the inbox: facts that WhatsApp's server attested, and content that the sender wrote. Do
 * not trust `content`, `senderName`, `quoted` or `forwarded`.
 */
export type InboundMessage = {
  /** WhatsApp's id; unique only together with the chat and the sender. */
  readonly stanzaId: string
  /** Absent if it is not a message of WhatsApp's, and if an earlier version stored it. */
  readonly key?: MessageKey
  readonly chat: Chat
  readonly sender: Person
  /** The linked number it arrived at. */
  readonly receiver: Person
  /** True if the linked number itself wrote it, here or on the phone. Such a message never starts a turn. */
  readonly fromMe: boolean
  /** The name that the sender chose; null if the message carried none. */
  readonly senderName: string | null
  readonly content: MessageContent
  /** The gateway's name for the message's file; null if it has none. */
  readonly file: string | null
  /**
   * Whether the linked number is mentioned, by LID or by phone number. This is the sender's claim: it helps to find a binding and
   * authorises nothing. An answer to one of our messages also counts as a mention, once it is in the store.
   */
  readonly mentioned: boolean
  /** Whether it mentions everybody in the group; absent if an earlier version stored the message. */
  readonly mentionsAll?: boolean
  readonly quoted: Claimed<QuotedMessage> | null
  /** The sender's claim that the message was forwarded; null if there is none. Absent in the same cases as `mentionsAll`. */
  readonly forwarded?: Claimed<Forwarding> | null
  /** The stanza id of the message that this one edits; null if it edits none. */
  readonly edits: string | null
  /** The server's timestamp, precise to the second; ms UTC. */
  readonly sentAt: number
  /**
   * After how many seconds the message disappears, counted from `sentAt`: its own value, else the timer that its chat had when it
   * was written; null: it stays. Absent in the same cases as `mentionsAll`.
   */
  readonly expiresInSeconds?: number | null
  /** When the gateway journaled it; ms UTC. */
  readonly receivedAt: number
  /**
   * Whether the message waited while no connection was up, at WhatsApp or unread in the gateway's file; absent if an earlier
   * version stored it.
   */
  readonly waited?: boolean
}

/** When a message disappears, ms UTC; null: it stays. */
export const forgetAtOf = ({
  sentAt,
  expiresInSeconds,
}: Pick<InboundMessage, 'sentAt' | 'expiresInSeconds'>): number | null =>
  expiresInSeconds === undefined || expiresInSeconds === null ? null : sentAt + expiresInSeconds * 1_000
