import type { Claimed } from './claimed.ts'
import type { MessageContent } from './content.ts'
import type { Chat, Person } from './ids.ts'

/**
 * The message that another one quotes, as its sender has it: none of this is more than a claim until our store has such a
 * message in that chat. `sender` is null when it names nobody; `text` when it brings none.
 */
export type QuotedMessage = {
  readonly stanzaId: string
  readonly sender: Person | null
  readonly text: string | null
}

/** A message says that it was forwarded, and about how often before: its sender's word, which a false one keeps to itself. */
export type Forwarding = { readonly score: number }

/**
 * How WhatsApp's stanza named a message: its chat, and its author where it named one; JIDs without a device. What is
 * said about the message later names it by these.
 */
export type MessageKey = { readonly remoteJid: string; readonly participant: string | null }

/**
 * A message as the gateway hands it to the inbox: facts that WhatsApp's server attested, and content that the sender
 * wrote. Nothing in `content`, `senderName`, `quoted` or `forwarded` is to be trusted.
 */
export type InboundMessage = {
  /** WhatsApp's id for it, unique only together with the chat and the sender. */
  readonly stanzaId: string
  /** Absent from what is no message of WhatsApp's, and from what an earlier version kept. */
  readonly key?: MessageKey
  readonly chat: Chat
  readonly sender: Person
  /** The linked number it arrived at. */
  readonly receiver: Person
  /** True for what the linked number itself wrote, here or on the phone. Never starts a turn. */
  readonly fromMe: boolean
  /** The name the sender gave themselves; null when none came along. */
  readonly senderName: string | null
  readonly content: MessageContent
  /** The name under which the gateway knows the file that it brings; null when it brings none. */
  readonly file: string | null
  /**
   * Whether the linked number is mentioned, by LID or by phone number: its sender's word, by which a message finds its binding and
   * nothing is allowed. An answer to one of our messages is a mention as well, once the store has it.
   */
  readonly mentioned: boolean
  /** Whether it mentions all who are in the group; absent from what an earlier version kept. */
  readonly mentionsAll?: boolean
  readonly quoted: Claimed<QuotedMessage> | null
  /** What its sender says of where it comes from; null for what says nothing of that. Absent as `mentionsAll`. */
  readonly forwarded?: Claimed<Forwarding> | null
  /** The stanza id of the message that this one edits; null for a message of its own. */
  readonly edits: string | null
  /** Seconds precision, as the server stamped it; ms UTC. */
  readonly sentAt: number
  /**
   * After how many seconds it disappears, counted from `sentAt`: as it says itself, else as the timer of its chat was when it was
   * written; null: it stays. Absent as `mentionsAll`.
   */
  readonly expiresInSeconds?: number | null
  /** When the gateway journaled it; ms UTC. */
  readonly receivedAt: number
  /** Whether it waited, at WhatsApp or unread in the gateway's file, while no line was up; absent from what an earlier version kept. */
  readonly waited?: boolean
}

/** When a message disappears, ms UTC; null: it stays. */
export const forgetAtOf = ({
  sentAt,
  expiresInSeconds,
}: Pick<InboundMessage, 'sentAt' | 'expiresInSeconds'>): number | null =>
  expiresInSeconds === undefined || expiresInSeconds === null ? null : sentAt + expiresInSeconds * 1_000
