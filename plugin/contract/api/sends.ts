/** Outgoing messages: how to send one, and its status. */
import { z } from 'zod'

import {
  accountFilter,
  accountSchema,
  accountShown,
  addressSchema,
  instant,
  limitSchema,
  text,
  withoutNul,
} from './fields.ts'
import { replyMediaSchema, sendMediaSchema } from './media.ts'
import {
  type AcceptedSend,
  type DeliveryChange,
  type ListedSend,
  REMARKS,
  SEND_WAITS,
  type SendPage,
  type ShownSend,
} from '../delivery.ts'
import { REJECTED_REASONS } from '../rejection.ts'
import type { AccountKey, OrgId } from '../ids.ts'

const messageId = (what: string) => z.string().min(1).max(64).refine(withoutNul).meta({ description: what })
const inThisChat = 'The id of a message of this chat'
const ourOwn = 'The id of a message that we sent in this chat'

/** A person, by number or LID. */
const personSchema = addressSchema.refine(value => !value.endsWith('@g.us'), { message: 'names a person, not a group' })

const reactionSchema = z.strictObject({
  message_id: messageId(inThisChat),
  emoji: z.string().max(32).refine(withoutNul).meta({ description: 'Empty takes the reaction back' }),
})
const pollSchema = z.strictObject({
  question: text(255),
  options: z
    .array(text(100))
    .min(2)
    .max(12)
    .refine(options => new Set(options).size === options.length, { message: 'must differ from each other' }),
  select: z.int().min(0).max(12).default(1).meta({ description: 'How many options may be chosen; 0: any number' }),
})
const locationSchema = z.strictObject({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  name: text(256).optional(),
  address: text(512).optional(),
})
const contactSchema = z.strictObject({ name: text(128), phone: personSchema })
const editSchema = z.strictObject({ message_id: messageId(ourOwn), text: text(65_536) })
const deleteSchema = z.strictObject({ message_id: messageId(ourOwn) })

/** The kinds of content. A request contains exactly one of them. */
export const SAYABLE = ['text', 'media', 'reaction', 'poll', 'location', 'contact', 'edit', 'delete'] as const
type Sayable = (typeof SAYABLE)[number]
/** The kinds of content that can answer a message. */
export const ANSWERS = ['text', 'media', 'poll', 'location', 'contact'] as const satisfies Sayable[]

/** The content of a message, for sends and replies alike. */
const sayingFields = {
  text: text(65_536).optional(),
  reaction: reactionSchema.optional(),
  poll: pollSchema.optional(),
  location: locationSchema.optional(),
  contact: contactSchema.optional(),
  edit: editSchema.optional(),
  delete: deleteSchema.optional(),
  reply_to: messageId(inThisChat).optional(),
  mentions: z
    .array(personSchema)
    .max(256)
    .optional()
    .meta({ description: 'People who are mentioned; where the text has "@" and the address, their name is shown' }),
}

type Said = { [Name in keyof typeof sayingFields]?: unknown } & { media?: { caption?: unknown } | undefined }

const kindOf = (body: Said): Sayable | undefined => {
  const said = SAYABLE.filter(name => body[name] !== undefined)
  return said.length === 1 ? said[0] : undefined
}
const answersRightly = (body: Said): boolean =>
  body.reply_to === undefined || ANSWERS.some(name => name === kindOf(body))
const mentionsRightly = ({ mentions, text: words, media }: Said): boolean =>
  mentions === undefined || words !== undefined || media?.caption !== undefined

const one = { message: `give exactly one of ${SAYABLE.map(name => `"${name}"`).join(', ')}` }
const answer = { message: '"reply_to" goes with "text", "media", "poll", "location" or "contact"', path: ['reply_to'] }
const mention = { message: '"mentions" goes with "text" or a caption', path: ['mentions'] }

/** The body of `POST /channels/whatsapp/send`: one message, its recipient, and the account that sends it. */
export const sendRequest = z
  .strictObject({ to: addressSchema, account: accountSchema, ...sayingFields, media: sendMediaSchema.optional() })
  .refine(body => kindOf(body) !== undefined, one)
  .refine(answersRightly, answer)
  .refine(mentionsRightly, mention)
  .meta({
    examples: [
      { to: '+972500000002', text: 'deploy complete — prod is green' },
      { account: 'sales', to: '+972500000002', text: 'your order is on its way' },
      { to: '+972500000002', text: 'yes', reply_to: 'msg_01J00000000000000000000000' },
      { to: '120363000000000001@g.us', text: '@+972500000002 please look', mentions: ['+972500000002'] },
      { to: '+972500000002', reaction: { message_id: 'msg_01J00000000000000000000000', emoji: '👍' } },
      {
        to: '+972500000002',
        media: { kind: 'document', artifact_id: 'art_01J00000000000000000000000', caption: 'the report' },
      },
      { to: '+972500000002', media: { kind: 'image', url: 'https://example.org/chart.png' } },
      { to: '120363000000000001@g.us', poll: { question: 'Roll back?', options: ['yes', 'no'] } },
      { to: '+972500000002', location: { latitude: 32.0853, longitude: 34.7818, name: 'Office' } },
      { to: '+972500000002', contact: { name: 'On call', phone: '+972500000003' } },
      { to: '+972500000002', edit: { message_id: 'msg_01J00000000000000000000000', text: 'prod is green again' } },
      { to: '+972500000002', delete: { message_id: 'msg_01J00000000000000000000000' } },
    ],
  })

/** A reply of an agent that is more than a string: the body of send without a recipient, for the chat of the agent's turn. */
export const replyRequest = z
  .strictObject({
    ...sayingFields,
    media: replyMediaSchema.optional(),
    text: text(1_000_000).optional(),
    plain: z
      .boolean()
      .optional()
      .meta({ description: 'Text, caption and edit are said as they are: they are not Markdown' }),
  })
  .refine(body => kindOf(body) !== undefined, one)
  .refine(answersRightly, answer)
  .refine(mentionsRightly, mention)
/** The header that makes send safe to repeat: for 30 days, the same key returns the same send. */
export const idempotencyKeySchema = z.string().min(1).max(128).refine(withoutNul)
/** The response to send: the send is durable, and will be delivered or rejected. */
export const sendResponse = z.object({
  id: z.string(),
  status: z.literal('accepted'),
  account: accountShown,
  message_id: z.string(),
  more: z
    .array(z.object({ id: z.string(), message_id: z.string() }))
    .optional()
    .meta({ description: 'The further messages of a long text, in order; missing when one was enough' }),
})
/** The path of `GET /channels/whatsapp/sends/:id`. */
export const sendStatusRequest = z.strictObject({ id: z.string().min(1).max(64).refine(withoutNul) })
const sendStatus = z.enum(['accepted', 'sent', 'delivered', 'read', 'rejected', 'expired', 'cancelled'])
const rejectedReason = z
  .enum(REJECTED_REASONS)
  .nullable()
  .meta({ description: 'Ours, when we rejected it or took it back, and not WhatsApp; else null' })
/** The status of a send; `code` is WhatsApp's if WhatsApp rejected it, `reason` is ours if we did, else both are null. */
export const sendStatusResponse = z.object({
  id: z.string(),
  account: z.string(),
  status: sendStatus,
  message_id: z.string(),
  to: z.string(),
  to_name: z.string().nullable().meta({
    description:
      'What the recipient calls themselves, by what they wrote last, or what the group was called then: their own word, which may be anything; null for roles that may not read texts, and where it is not known',
  }),
  code: z.int().nullable(),
  reason: rejectedReason,
  detail: z.string().nullable().meta({ description: 'The reason in a sentence for a person' }),
  accepted_at: instant,
  position: z.int().nonnegative().nullable().meta({ description: 'Sends of its kind that wait before it; 0 is next' }),
  earliest_at: instant.nullable().meta({ description: 'It does not go out before this' }),
  remark: z.enum(REMARKS).nullable().meta({ description: 'In what it differs from what was asked for' }),
  waits_for: z.enum(SEND_WAITS).nullable().meta({
    description:
      'What it waits for besides its place: "link", until its account is connected to WhatsApp; or before its number is known to WhatsApp: "lookup", to be asked for when its turn has come; "lookup_budget", until the account may ask again; "lookup_failed", until it is asked for again. Null when none of it holds it up',
  }),
  held: z.enum(['same_text']).nullable().meta({ description: 'Why it waits for a person, who may only take it back' }),
})
/** The query of `GET /channels/whatsapp/sends`: newest first; with `before` only the sends before that one. */
export const sendListRequest = z.strictObject({
  account: accountFilter,
  status: sendStatus.optional(),
  limit: limitSchema,
  before: z.string().min(1).max(64).refine(withoutNul).optional(),
})
/** One send of the list: its status, its kind and its class. Contains no text. */
export const sendListItemSchema = sendStatusResponse.extend({
  kind: z
    .string()
    .meta({ description: '"text", "media", "location", "contact", "poll", "reaction", "edit", "delete"' }),
  class: z.enum(['reply', 'proactive', 'cold', 'group']).meta({
    description:
      'Which line it waits in, and what spaces it out: an answer, a send to somebody who has written to us or never has, or to a group',
  }),
})
/** The response to the list. */
export const sendListResponse = z.object({ sends: z.array(sendListItemSchema) })
/** The response to `DELETE /channels/whatsapp/sends/:id`. */
export const sendCancelResponse = z.object({ status: z.literal('cancelled'), id: z.string() })
/** One status change of a send, as `whatsapp.sends.watch` sends it. */
export const sendChangeSchema = z.object({
  id: z.string(),
  account: z.string(),
  status: sendStatus,
  message_id: z.string(),
  to: z.string(),
  code: z.int().nullable(),
  reason: rejectedReason,
  at: instant,
})

/** A send in TypeScript, once its account is known. */
export type SendRequest = Omit<z.infer<typeof sendRequest>, 'account'>
export type ReplyRequest = z.input<typeof replyRequest>
/** The content of a message, for sends and replies alike. */
export type Wording = Omit<SendRequest, 'to'>
export type SendAnswer = z.infer<typeof sendResponse>
export type SendStatus = z.infer<typeof sendStatusResponse>
/** A send in a list. */
export type SendListItem = z.infer<typeof sendListItemSchema>
export type SendChange = z.infer<typeof sendChangeSchema>

/** A status change of a send with its number among those of the org: gapless, from 1. */
export type NumberedChange = { readonly seq: number; readonly change: DeliveryChange }

/** Accepts messages to send. */
export type SendOperations = {
  /**
   * Accepts a message to send; it is durable when this resolves, and the host stores the file that it names. A long text becomes
   * several sends, in order. The same key and request return the same sends.
   * Errors: `channel_not_configured`, `not_paired`, `idempotency_key_reused`, `not_found` for an unknown message or artifact,
   * `not_our_message`, `wrong_media`, `media_too_large`, `url_not_fetched`, `cold_contact_off` for a recipient who never wrote,
   * if the settings forbid that.
   */
  send(key: AccountKey, request: SendRequest, idempotencyKey: string | null): Promise<AcceptedSend>
}

/** Accepted sends. */
export type DeliveryOperations = {
  /** Error: `not_found`. */
  find(org: OrgId, id: string): Promise<ShownSend>
  /** Newest first, each as {@link find} returns it. Error: `not_found` for an unknown `before`. */
  list(org: OrgId, page: SendPage): Promise<ListedSend[]>
  /**
   * Every status change of every send, each once, in order: those after `after` from the store, then live ones. `after` null:
   * only from now on. The changes are stored for 30 days. A caller that was away for longer gets those that are left; a gap
   * before the first number shows that earlier ones are missing.
   */
  watch(org: OrgId, after: number | null, signal: AbortSignal): AsyncIterable<NumberedChange>
}

/** Waiting sends. */
export type OutboxOperations = {
  /** Cancels a send that was not transmitted yet; a repeated call does no harm. Errors: `not_found`, `already_sent`. */
  cancel(org: OrgId, id: string): Promise<void>
}
