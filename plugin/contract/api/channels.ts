/**
 * Every request and response, described once: tRPC, REST, OpenAPI, `GET …/schema` and forms are read from here. Keys are
 * snake_case, instants RFC 3339 in UTC, durations whole seconds. A request with an unknown key is refused.
 */
import { z } from 'zod'

import {
  accountFilter,
  accountSchema,
  accountShown,
  instant,
  limitSchema,
  phoneSchema,
  text,
  withoutNul,
} from './fields.ts'

import { namedNumberSchema } from './contacts.ts'
import { passkeySchema } from './passkey.ts'
import { problemSchema } from './problems.ts'

/** The body of `POST /channels/whatsapp/configure`. */
export const configureRequest = z.strictObject({
  account: accountSchema,
  fields: z.strictObject({
    display_name: text(64).optional().meta({ description: 'Shown in the catalog and on the page' }),
  }),
})
/** The answer to configure: the channel is active, whether or not a phone is linked yet. */
export const configureResponse = z.object({ status: z.literal('configured'), channel: z.literal('whatsapp') })

/** The answer to unpair. `unlinked` is false when WhatsApp could not be reached: the device must then be removed on the phone. */
export const unpairResponse = z.object({
  status: z.literal('removed'),
  channel: z.literal('whatsapp'),
  unlinked: z.boolean(),
})

/** The answer to reload. */
export const reloadResponse = z.object({ status: z.literal('ok') })

/** The answer to test, after a round trip to WhatsApp. */
export const testResponse = z.object({ status: z.literal('ok'), phone: z.string() })

const passkeyWanted = passkeySchema.optional()

/**
 * The answer to qr/start: the first code as a PNG data URL, or the passkey that the account wants before there is one, and the
 * seconds it is good for.
 */
export const qrStartResponse = z.object({
  account: accountShown,
  session_id: z.string(),
  qr_data_url: z
    .string()
    .optional()
    .meta({ description: 'A PNG; left out when the account wants a passkey before any code' }),
  passkey: passkeyWanted.meta({ description: 'What is to be given before any code is of use; in the place of one' }),
  expires_in: z.int(),
})

/** The body of `POST /channels/whatsapp/code/start`: the number of the phone that is to be linked. */
export const codeStartRequest = z.strictObject({ account: accountSchema, phone: phoneSchema })
/**
 * The answer: what to type on that phone (Linked devices → Link with phone number), or the passkey that the account wants before
 * there is such a code, and the seconds it is good for. What becomes of it is asked by qr/status and `whatsapp.qr.watch`.
 */
export const codeStartResponse = z.object({
  account: accountShown,
  session_id: z.string(),
  pairing_code: z
    .string()
    .optional()
    .meta({
      description: 'Eight characters in two groups; left out when the account wants a passkey before any code',
      examples: ['K3WA-7XQ2'],
    }),
  passkey: passkeyWanted.meta({ description: 'What is to be given before any code is of use; in the place of one' }),
  expires_in: z.int(),
})

/** The query of qr/status, and the input of `whatsapp.qr.watch`. */
export const qrStatusRequest = z.strictObject({ session_id: z.string().min(1).max(64).refine(withoutNul) })

/** What WhatsApp said as it ended a connection: its own words, to be shown as texts and nothing else. */
export const lastWordsSchema = z.object({
  code: z.string().nullable().meta({ description: 'Its code, such as "403", or what it named instead of one' }),
  header: z.string().nullable(),
  subtext: z.string().nullable(),
  message: z.string().nullable(),
  url: z.string().nullable().meta({ description: 'An address that it named, as a text' }),
})

/**
 * Where the pairing of an account stands. `pending` carries the code that is good now, as a picture or to be typed, as the
 * pairing was begun, or the passkey that the account wants (left out for roles that may not see it), and the seconds that remain; `connected` the number that was linked.
 */
export const qrStatusResponse = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('pending'),
    account: accountShown,
    qr_data_url: z.string().optional(),
    pairing_code: z.string().optional(),
    passkey: passkeyWanted.meta({
      description: 'The account wants a passkey before it links a device; left out for roles that see no codes',
    }),
    expires_in: z.int().nonnegative(),
  }),
  z.object({ status: z.literal('connected'), account: accountShown, phone: z.string() }),
  z.object({
    status: z.literal('expired'),
    account: accountShown,
    reason: z.string().optional().meta({
      description:
        'Why it ended, such as `passkey_required` or `client_outdated`; `client_old`: its codes ran out, and the client is so old that a phone may have refused it without a word; left out when they just ran out',
    }),
    whatsapp_said: lastWordsSchema.optional(),
  }),
])

/** The state of a link: `reason` and `permanent` say why it is not connected and whether waiting can help. */
export const connectionSchema = z.object({
  status: z.enum([
    'not_configured',
    'not_paired',
    'pairing',
    'connecting',
    'connected',
    'waiting',
    'degraded',
    'stopped',
  ]),
  phone: z.string().nullable(),
  since: instant.nullable(),
  reason: z.string().nullable(),
  permanent: z.boolean(),
  retry_at: instant.nullable(),
  detail: z.string().nullable().meta({ description: 'What happened and what to do, when a person has to act' }),
  whatsapp_said: lastWordsSchema
    .nullable()
    .meta({ description: 'What WhatsApp said as it ended the connection; null when it said nothing' }),
})

/**
 * Whether the line to WhatsApp is alive, and whether WhatsApp lets the account speak, each by the newest proof of it and when
 * that was. Neither says anything of the other: a line may be up on which nothing is admitted.
 */
export const healthSchema = z.object({
  transport: z.object({
    status: z.enum(['up', 'down', 'unknown']).meta({
      description: '"up": WhatsApp was heard on the line within the last minute; "down": the line is known to be lost',
    }),
    evidence_at: instant.nullable().meta({ description: 'When WhatsApp was last heard, or the line was lost' }),
  }),
  admission: z.object({
    status: z.enum(['open', 'limited', 'refused', 'unknown']).meta({
      description:
        '"open": the last message of this number that WhatsApp answered was taken; "limited": those to strangers are not; "refused": the last one was not, or the number is locked or banned; "unknown": it has answered none',
    }),
    reason: z.string().nullable().meta({
      description:
        '"temporary_ban", "locked", "banned", "new_chats_locked", or "rejected: <WhatsApp’s code>", which may be about that one message',
    }),
    evidence_at: instant.nullable().meta({ description: 'When WhatsApp said so' }),
  }),
})

/** The version of WhatsApp Web that every account of the host announces, and what WhatsApp and its source say of it. */
export const webVersionSchema = z.object({
  version: z.string().meta({ description: 'What the next login announces', examples: ['2.3000.1043857760'] }),
  from: z.enum(['pinned', 'accepted', 'fetched', 'built_in']).meta({
    description:
      'The setting web_version; the last one that WhatsApp let in; what web.whatsapp.com names; the one that the plugin brings',
  }),
  known_at: instant.nullable().meta({ description: 'When it was last known to be the newest; null: not known' }),
  refused: z.boolean().meta({ description: 'WhatsApp refuses it, and there is no other' }),
  source_problem: z.string().nullable().meta({
    description:
      'Why the source named no version that can be used: "unreachable", "too_slow", "redirected", "refused", "no_script", "too_large", "no_version", "too_low", "too_high"; null when it did, or was not asked',
  }),
})

const accountFields = {
  display_name: z.string().nullable(),
  connection: connectionSchema,
  last_connected_at: instant.nullable(),
  new_chats_locked_until: instant
    .nullable()
    .meta({ description: 'Until when WhatsApp lets the account begin no new chats; answers go on meanwhile' }),
  web_version: webVersionSchema
    .nullable()
    .meta({ description: 'What the host announces to WhatsApp; null before the first connection since its start' }),
  client_expires_at: instant
    .nullable()
    .meta({ description: 'From when on WhatsApp says that it will refuse this version; null: it has said nothing' }),
  backlog: z
    .object({
      total: z.int().meta({ description: 'How much waited at WhatsApp when the account logged in' }),
      done: z.int().meta({ description: 'How much of it has come: messages, receipts and notices alike' }),
    })
    .nullable()
    .meta({ description: 'What waited at WhatsApp and is still coming in; null when nothing more is awaited' }),
}
/** One configured account of an org. */
export const channelAccountSchema = z.object({
  account: z.string(),
  phone: z.string().nullable().meta({ description: 'The number that is linked, connected or not' }),
  ...accountFields,
  health: healthSchema,
})
/** One channel of the catalog. What it says of an account is of `default`, or of the first where there is no such one. */
export const channelSchema = z.object({
  channel: z.literal('whatsapp'),
  configured: z.boolean(),
  ...accountFields,
  bindings: z.int(),
  named_numbers: z
    .array(namedNumberSchema)
    .meta({ description: 'Those that the settings name in roles and approvers' }),
  problems: z
    .array(problemSchema)
    .meta({ description: 'What is wrong although the links may be up, the gravest first; empty when nothing is' }),
  retention: z
    .object({
      days: z.int().meta({ description: 'For how many days messages, their files and sends are kept; 0: for ever' }),
      chosen: z.boolean().meta({ description: 'Whether the settings say so (retention_days)' }),
    })
    .meta({ description: 'How long what was said is kept' }),
  accounts: z.array(channelAccountSchema).meta({ description: 'Those of the org, in the order of their names' }),
})
/** The answer to `GET /channels`. */
export const channelsResponse = z.object({ channels: z.array(channelSchema) })

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
          'No such message is kept: who wrote it and what it says is the word of whoever quotes it, who may have made it up',
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
/** The query of `GET /channels/whatsapp/messages`: newest first, those before a message when `before` names one. */
export const messageListRequest = z.strictObject({
  account: accountFilter,
  limit: limitSchema,
  before: z.string().min(1).max(64).refine(withoutNul).optional(),
})
/** The path of `GET /channels/whatsapp/messages/:id/trace`. */
export const messageTraceRequest = z.strictObject({ id: z.string().min(1).max(64).refine(withoutNul) })
/** The answer to the list. */
export const messageListResponse = z.object({
  messages: z.array(messageSchema),
  more: z.boolean().meta({
    description: 'Whether others are before these, which may be fewer than were asked for where they are long',
  }),
})

/** The input of `whatsapp.messages.watch` and `whatsapp.sends.watch`: null or nothing begins with what happens from now on. */
export const messageWatchRequest = z
  .strictObject({
    lastEventId: z
      .string()
      .regex(/^[0-9]{1,15}$/)
      .nullish(),
  })
  .optional()

/** What a binding, a message, … is in TypeScript. */
export type WireMessage = z.infer<typeof messageSchema>
export type WireConnection = z.infer<typeof connectionSchema>
export type WireLastWords = z.infer<typeof lastWordsSchema>
export type WireVersion = z.infer<typeof webVersionSchema>
/** The state of a link as `whatsapp.connection.watch` tells it. */
export type WireLink = WireConnection & { account: string }
export type WireHealth = z.infer<typeof healthSchema>
export type WireAccount = z.infer<typeof channelAccountSchema>
export type WireChannel = z.infer<typeof channelSchema>
/** The state of a pairing as `whatsapp.qr.watch` tells it; where it says `conflict`, qr/status is refused with `number_in_use`. */
export type WirePairing = z.infer<typeof qrStatusResponse> | { status: 'conflict'; account?: string | undefined }
/** What an account is configured with. */
export type ConfigureRequest = Omit<z.infer<typeof configureRequest>, 'account'>
