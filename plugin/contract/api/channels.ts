import { z } from 'zod'

import { accountSchema, instant, text } from './fields.ts'
import { namedNumberSchema } from './contacts.ts'
import { problemSchema } from './problems.ts'
import type { ConnectionState } from '../connection.ts'
import type { AccountKey, OrgId, Phone } from '../ids.ts'
import type { Role } from '../role.ts'

/** The body of `POST /channels/whatsapp/configure`. */
export const configureRequest = z.strictObject({
  account: accountSchema,
  fields: z.strictObject({
    display_name: text(64).optional().meta({ description: 'Shown in the catalog and on the page' }),
  }),
})
/** The response to configure: the channel is active, whether or not a phone is linked yet. */
export const configureResponse = z.object({ status: z.literal('configured'), channel: z.literal('whatsapp') })

/** The response to unpair. `unlinked` is false if WhatsApp could not be reached: the device must then be removed on the phone. */
export const unpairResponse = z.object({
  status: z.literal('removed'),
  channel: z.literal('whatsapp'),
  unlinked: z.boolean(),
})

/** The response to reload. */
export const reloadResponse = z.object({ status: z.literal('ok') })

/** The response to test, after a round trip to WhatsApp. */
export const testResponse = z.object({ status: z.literal('ok'), phone: z.string() })

/** What WhatsApp said when it ended a connection: its own words, to be displayed as plain text only. */
export const lastWordsSchema = z.object({
  code: z.string().nullable().meta({ description: 'Its code, such as "403", or what it named instead of one' }),
  header: z.string().nullable(),
  subtext: z.string().nullable(),
  message: z.string().nullable(),
  url: z.string().nullable().meta({ description: 'An address that it named, as a text' }),
})

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
 * Whether the connection to WhatsApp is alive, and whether WhatsApp accepts the account's messages, each with the newest evidence
 * and its time. The two are independent: on a live connection WhatsApp may accept nothing.
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

/** The version of WhatsApp Web that every account of the host announces, and its state at WhatsApp and at its source. */
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
    .meta({ description: 'Until when WhatsApp lets the account begin no new chats; answers go on in the meantime' }),
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
/** One channel of the catalog. Its account fields are those of `default`, or of the first account if there is no `default`. */
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
/** The response to `GET /channels`. */
export const channelsResponse = z.object({ channels: z.array(channelSchema) })

export type WireConnection = z.infer<typeof connectionSchema>
export type WireLastWords = z.infer<typeof lastWordsSchema>
export type WireVersion = z.infer<typeof webVersionSchema>
/** The state of a link as `whatsapp.connection.watch` sends it. */
export type WireLink = WireConnection & { account: string }
export type WireHealth = z.infer<typeof healthSchema>
export type WireAccount = z.infer<typeof channelAccountSchema>
export type WireChannel = z.infer<typeof channelSchema>
/** The configuration of an account. */
export type ConfigureRequest = Omit<z.infer<typeof configureRequest>, 'account'>

/** The catalog of channels. */
export type ChannelOperations = {
  /** One entry, configured or not, with all accounts of the org. */
  list(org: OrgId): Promise<WireChannel[]>
}

/** Reloads the settings. */
export type ReloadOperations = {
  /**
   * Validates the settings and puts those of the org into force. The org's accounts are disconnected gracefully and connected
   * again; other orgs' accounts are not. Pairings, subscribers and bindings stay. A reload by the owner of `org_local` also puts
   * the host-wide settings into force, and reconnects all accounts if the gateway has to restart for them. Errors:
   * `bad_settings`, and then nothing has changed; `reloaded_lately`. The org's policies are read again as well: if they do not
   * compile, the previous ones stay in force, which `policies.confirm` reports.
   */
  reload(org: OrgId, role: Role): Promise<void>
}

/** Accounts, and the numbers linked to them. */
export type AccountOperations = {
  /**
   * Stores the fields and activates the channel: extracts and starts the gateway, opens the account. Returns before WhatsApp is
   * connected. Idempotent. Errors: `bad_request` for a name that differs from another of the org only in case, `too_many_kept`.
   */
  configure(key: AccountKey, request: ConfigureRequest): Promise<void>
  /**
   * Unlinks the device at WhatsApp if it can be reached, destroys the keys, keeps the bindings. Errors: `channel_not_configured`.
   */
  unpair(key: AccountKey): Promise<{ unlinked: boolean }>
  /** A round trip to WhatsApp. Errors: `channel_not_configured`, `not_paired`, `gateway_unreachable`, `account_stopped`. */
  test(key: AccountKey): Promise<{ phone: Phone }>
  /**
   * Records that somebody who may pair has seen that this number is linked to the account: from now on bindings apply there, and
   * messages that waited as `link_unconfirmed` are judged again. No effect if by now another number is linked, or none. (Anybody
   * who scans the QR code links their own phone: reliability.md F60.)
   */
  confirm(key: AccountKey, phone: Phone): Promise<void>
}

/** The connections of accounts to WhatsApp. */
export type ConnectionOperations = {
  /** The state of an account's connection now and at each change; a slow reader skips to the newest. */
  watch(key: AccountKey, signal: AbortSignal): AsyncIterable<ConnectionState>
}
