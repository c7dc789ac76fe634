import { z } from 'zod'

import { accountFilter, instant, limitSchema, withoutNul } from './fields.ts'
import type { AccountName, OrgId } from '../ids.ts'
import type { WireSender } from './senders.ts'

const messageFiles = z.array(
  z.object({
    artifact_id: z
      .string()
      .nullable()
      .meta({ description: 'Null until the file was fetched, and when it could not be' }),
    kind: z.string(),
    mime: z.string().nullable().meta({ description: 'What its bytes say that it is' }),
    size: z.int().nullable(),
    sha256: z.string().nullable(),
    file_name: z.string().nullable(),
    problem: z.string().nullable().meta({
      description: 'Why the file could not be fetched; "forgotten": it has disappeared from its chat',
    }),
  }),
)

/** A stored message, in or out. */
export const messageSchema = z.object({
  id: z.string(),
  account: z.string(),
  direction: z.enum(['inbound', 'outbound']),
  chat: z.string(),
  from: z.string(),
  sender_name: z.string().nullable().meta({
    description:
      'What its sender calls themselves, which may be anything; null for roles that may not read texts, and where none came along',
  }),
  to: z.string(),
  kind: z.string().meta({
    description:
      '"text", "media", "album", "location", "contacts", "poll", "poll_vote", "event", "event_response", "reaction", "revoke", "group_change", "call"; "choice": a button, a row of a list or a form; "order", "product", "comment", "payment"; "business": by a company’s machine; "unsupported", "undecryptable"; "view_once": shown by the phone only; "forgotten": it has disappeared from its chat, and what it said is kept no more; "sealed": an edit, a reaction, a remark or an answer to an event that could not be opened; of what goes out also "contact", "edit" and "delete"',
  }),
  text: z.string().nullable().meta({ description: 'Null for roles that may not read texts, and where there is none' }),
  details: z.record(z.string(), z.unknown()).nullable().meta({
    description:
      'What it says that is no text: the place, the contacts, the poll, what was voted for; of a choice its `id` and the `answers` of a form; of an order its `items` and `total`; of a product its `price`; of a payment its `amount`; of what a company’s machine wrote the `offers`; of an answer to an event its `response` and `guests`; of sealed words `what` they are and the `reason`; null for roles that may not read texts',
  }),
  quoted: z
    .object({
      message_id: z.string().nullable().meta({ description: 'Null when no such message is kept in that chat' }),
      from: z.string().nullable(),
      kind: z.string().nullable().meta({
        description: '"revoke" when it was taken back, "forgotten" when it has disappeared; null for what is claimed',
      }),
      text: z.string().nullable().meta({
        description:
          'Its newest text, caption or words; null for roles that may not read texts, and where there is none',
      }),
      media: messageFiles,
      claimed: z.boolean().meta({
        description:
          'No such message is kept: who wrote it and what it says is claimed by the person who quotes it, who may have made it up',
      }),
    })
    .nullable()
    .meta({
      description: 'The message that it quotes, of what came in, as that one is kept; null when it quotes none',
    }),
  mentioned: z.boolean().meta({ description: 'Whether it mentions the linked number, or answers it' }),
  mentions_all: z.boolean().meta({
    description:
      'Whether it mentions all who are in the group; that is a mention only by the setting mention_all_counts',
  }),
  claimed: z.object({ forwarded: z.boolean(), forwarding_score: z.int() }).meta({
    description:
      'What its sender says of it, and nobody has borne out: that it is forwarded, and how often. false proves nothing',
  }),
  media: messageFiles,
  group: z.string().nullable(),
  group_subject: z.string().nullable().meta({
    description:
      'What the group was called when the message came, as far as that is known: its members’ word, which may be anything; null for roles that may not read texts',
  }),
  binding_id: z.string().nullable(),
  album: z.string().nullable().meta({
    description: 'The same for an album and for each picture and video of it in its chat; null for everything else',
  }),
  gathered_in: z.string().nullable().meta({
    description:
      'The message whose turn is about this one as well, because both are pieces of what their sender says; null for one that has a turn of its own, or none',
  }),
  outcome: z.string().meta({
    description:
      'What became of it: "matched", "reset", "unmatched: <reason>", "ignored: <reason>", "undecryptable: <reason>"; "sent", "rejected: <code>" …',
  }),
  received_at: instant,
})
/** The query of `GET /channels/whatsapp/messages`: newest first; with `before` only the messages before that one. */
export const messageListRequest = z.strictObject({
  account: accountFilter,
  limit: limitSchema,
  before: z.string().min(1).max(64).refine(withoutNul).optional(),
})
/** The path of `GET /channels/whatsapp/messages/:id/trace`. */
export const messageTraceRequest = z.strictObject({ id: z.string().min(1).max(64).refine(withoutNul) })
/** The response to the list. */
export const messageListResponse = z.object({
  messages: z.array(messageSchema),
  more: z.boolean().meta({
    description: 'Whether others are before these, which may be fewer than were asked for where they are long',
  }),
})

/** The input of `whatsapp.messages.watch` and `whatsapp.sends.watch`: if null or missing, the stream starts with new events. */
export const messageWatchRequest = z
  .strictObject({
    lastEventId: z
      .string()
      .regex(/^[0-9]{1,15}$/)
      .nullish(),
  })
  .optional()

/** A stored message on the wire. */
export type WireMessage = z.infer<typeof messageSchema>

/** A stored message with its number in the org's stream of events: gapless, from 1. */
export type NumberedMessage = { readonly seq: number; readonly message: WireMessage }

/**
 * Selects a page of messages: newest first; `before`: only older ones than this message; of one account, or of all if it is null.
 */
export type MessagePage = {
  readonly account: AccountName | null
  readonly limit: number
  readonly before: string | null
}

/** The messages of a page, which may be fewer than requested; `more`: whether older ones exist. */
export type ListedMessages = { readonly messages: readonly WireMessage[]; readonly more: boolean }

/** Stored messages. */
export type MessageOperations = {
  /** Newest first, fewer than requested if they are long. Error: `not_found` for an unknown `before`. */
  list(org: OrgId, page: MessagePage): Promise<ListedMessages>
  /** Error: `not_found`. */
  find(org: OrgId, id: string): Promise<WireMessage>
  /** The senders of these messages, and where they wrote; only for messages that the org has. */
  senders(org: OrgId, ids: readonly string[]): Promise<WireSender[]>
  /** Every message, each once, in order: those after `after` from the store, then live ones. `after` null: only from now on. */
  watch(org: OrgId, after: number | null, signal: AbortSignal): AsyncIterable<NumberedMessage>
}
