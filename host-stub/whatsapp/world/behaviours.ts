import { z } from 'zod'
import { addressBehaviours } from './address-behaviours.ts'
import { behaviour } from './behaviour.ts'

/**
 * Faulty answers to a request for the version: a page, 10 MB, a redirect, a dropped connection, 404, an endless answer, a text
 * without a version, a version that is not a number of ten digits.
 */
export const sourceFaults = [
  'html',
  'ten_megabytes',
  'redirect',
  'drop',
  'not_found',
  'hang',
  'empty',
  'garbage',
] as const
export type SourceFault = (typeof sourceFaults)[number]

const revision = z
  .int()
  .min(0)
  .max(2 ** 32 - 1)

/**
 * What WhatsApp was reported to do by November 2026, each with its own switch. Where reports contradict one another, tests run both
 * ways. We saw none of it on WhatsApp ourselves.
 */
export const behaviours = {
  ...addressBehaviours,
  /** The lowest revision (the last part of `2.3000.<revision>`) that may log in; null: every one. */
  version_floor_logins: behaviour({
    value: revision.nullable(),
    initial: null,
    source:
      'Baileys#2733 (2026-07-29): logins of rc13 refused with 405 at 136 days; whatsmeow#1164 (2026-06-09), wacli#279 (2026-06-17)',
  }),
  /** The same for clients that want to be linked; reported some weeks earlier than for logins. */
  version_floor_pairings: behaviour({
    value: revision.nullable(),
    initial: null,
    source: 'Baileys#2679 (2026-07-01): new links of rc13 fail at 108 days, while its logins go on until 2026-07-29',
  }),
  /** How a version below the floor is refused. */
  version_refusal: behaviour({
    value: z.enum(['failure', 'stream_error']),
    initial: 'failure',
    source:
      'whatsmeow events.go, ConnectFailureClientOutdated (2026-08-21): <failure reason="405">; stream:error 405: a guess',
  }),
  /** Whether a client below the floor for pairings still gets codes, and only the phone that scans one refuses. */
  outdated_pairings_fail_silently: behaviour({
    value: z.boolean(),
    initial: false,
    source: 'Baileys#2679 (2026-07-01): the phone says that it could not link the device, the server says nothing',
  }),
  /** The content of `sw.js`: the revision of the browsers, or a fault. */
  version_source: behaviour({
    value: z.union([revision, z.enum(sourceFaults)]),
    initial: 1_043_857_760,
    source:
      'Baileys rc14 generics.js, fetchLatestWaWebVersion (2026-08-06): https://web.whatsapp.com/sw.js names a client_revision',
  }),
  /** The second (UTC) from which the server announces to refuse this client; null: no announcement. */
  client_expiration: behaviour({
    value: z.int().min(0).nullable(),
    initial: null,
    source:
      'whatsapp-rust ea4ea0b4 (2026-08-16), src/handlers/ib.rs: <ib><client_expiration t>; without t it is withdrawn',
  }),
  /** Numbers as people write them, in digits, each with the digits that WhatsApp uses instead. */
  contact_spellings: behaviour({
    value: z.record(z.string().regex(/^\d{5,15}$/), z.string().regex(/^\d{5,15}$/)),
    initial: {},
    source:
      'Baileys#1997 (adiwajshing, 2022-08-06) and wwebjs#1967 (2023-01-30): Brazil without its ninth digit, and nothing arrives at the other spelling; Evolution API 2.x (2025-10), createJid: the same of Mexico and Argentina',
  }),
  /** The reaction to a lookup of numbers (usync, contact): an answer, none, a meaningless one, or an error code. */
  contact_query: behaviour({
    value: z.union([z.enum(['answered', 'hangs', 'nonsense']), z.int()]),
    initial: 'answered',
    source: 'Itsukichann/Baileys#56 (2025-09-20): rate-overlimit, 429; Baileys#1245 (2025-02-05): errors of onWhatsApp',
  }),
  /** How an answer names the owner of a number: by the number, by the LID with the number beside it, or only by `<lid>`. */
  contact_names: behaviour({
    value: z.enum(['number', 'lid', 'lid_alone']),
    initial: 'number',
    source:
      'WhatsApp Web’s usync parser and whatsapp-rust, wacore/src/iq/usync.rs (both read 2026-11-29): `jid` may be absent, and `pn_jid` there',
  }),
  /** Whether a message to a number without WhatsApp is acknowledged like any other, and reaches nobody. */
  acks_unknown: behaviour({
    value: z.boolean(),
    initial: false,
    source: 'OpenWA#738 (2026-07-15), openclaw#44933 (2026-03-13): accepted, and never delivered',
  }),
  /** The numbers, in digits, of people for whom no device is listed. */
  deviceless: behaviour({
    value: z.array(z.string().regex(/^\d{5,15}$/)),
    initial: [],
    source:
      'whatsmeow send.go (read 2026-08-21): a list of devices may be empty; no report says when it is. Ours, to see what is done then',
  }),
  /** Whether accounts demand a passkey before they link a device. */
  passkey_before_linking: behaviour({
    value: z.boolean(),
    initial: false,
    source:
      'whatsmeow b572e5bc (#1186, 2026-06-30), pair-passkey.go; asked of some accounts only (#1185, Baileys#2672)',
  }),
  /**
   * Whether the passkey is demanded after a phone has used a code, or as soon as a code to type is requested; then no such code is
   * issued.
   */
  passkey_comes: behaviour({
    value: z.enum(['after_a_code', 'before_any_code']),
    initial: 'after_a_code',
    source:
      'whatsmeow b572e5bc (2026-06-30), pair-passkey.go, takes the request at any time; that it comes before a code is ours, for what a client must not rely on',
  }),
  /** Whether the options for the authenticator come with the request, or must be queried. */
  passkey_options_come: behaviour({
    value: z.enum(['with_the_request', 'when_asked']),
    initial: 'with_the_request',
    source:
      'zapo 9a49e1f (2026-08-19), WaShortcakeFlow.ts: usually embedded; whatsmeow and zapo ask where they are not',
  }),
  /** The timeout for a passkey. */
  passkey_timeout_ms: behaviour({
    value: z.int().min(1),
    initial: 600_000,
    source: 'options as a server sent them, in the tests of a fork of Baileys (read 2026-11-29): "timeout":600000',
  }),
  /** Whether the options name the accepted passkeys; otherwise any passkey of whatsapp.com is accepted. */
  passkey_is_named: behaviour({
    value: z.boolean(),
    initial: false,
    source:
      'the same options (read 2026-11-29): "allowCredentials":[]; whatsmeow, types/passkey.go (2026-06-30), reads those that are named',
  }),
  /**
   * How a backlog is sent: first `primer` stanzas, then `page` stanzas for each request of the client, or as many as it requests if
   * `page` is null. New stanzas are appended at the end, or sent in between. Null: everything at once, without a request.
   */
  offline_pages: behaviour({
    value: z
      .strictObject({
        primer: z.int().min(0),
        page: z.int().min(1).nullable(),
        live: z.enum(['at_the_end', 'between']).default('at_the_end'),
      })
      .nullable(),
    initial: null,
    source:
      'whatsapp-rust#629 (2026-05-15), src/client/offline_resume.rs, and zapo#269 (2026-08-28): pages; whatsmeow 33cfac51 (2026-08-21) asks for none',
  }),
  /** What is announced about the backlog: the right `count`, another one, none (`absent`), or no announcement at all (`unsaid`). */
  offline_preview: behaviour({
    value: z.union([z.enum(['right', 'absent', 'unsaid']), z.strictObject({ count: z.string() })]),
    initial: 'right',
    source: 'ours, for what a client must not rely on; the attributes: whatsmeow 33cfac51 (2026-08-21), handleIB',
  }),
  /** The tag of people's statuses. */
  status_tag: behaviour({
    value: z.enum(['message', 'status']),
    initial: 'message',
    source: 'whatsapp-rust#1101 (2026-07-25) and whatsmeow a2381054 (2026-07-20): <status> instead of <message>',
  }),
  /** The server ends a stream on which an answer is missing after this many seconds; null: never. */
  owed_answer_ends_stream_s: behaviour({
    value: z.number().positive().nullable(),
    initial: 3_002,
    source: 'whatsapp-rust#1101 (2026-07-25): each 50 min 02 s, 46 times in three days of a real account',
  }),
  /** The interval of the server's pings; it ends a stream that has not answered the previous ping; null: no pings. */
  server_pings_s: behaviour({
    value: z.number().positive().nullable(),
    initial: null,
    source: 'whatsapp-rust 1489b7da (2026-08-21), handle_iq: the server drops the connection; whatsmeow answers none',
  }),
  /** Whether its pings have an id, which is returned in the answer. */
  server_pings_have_id: behaviour({
    value: z.boolean(),
    initial: false,
    source:
      'whatsapp-rust#340 (2026-03-14), "the real WhatsApp Web format"; WhatsApp Web, handleIq: its answer has none',
  }),
  /** Whether a login is refused that does not contain the routing that the device got before. */
  requires_routing: behaviour({
    value: z.boolean(),
    initial: false,
    source: 'ours, for the worst case; the prefix: whatsapp-rust 1489b7da (2026-08-21), handshake.rs',
  }),
  /** Whether only an ack of class message settles a message, and its receipt does not. */
  requires_message_acks: behaviour({
    value: z.boolean(),
    initial: false,
    source: 'Baileys#1910 (comment of 2026-09-05), against whatsmeow and whatsapp-rust, where the receipt settles it',
  }),
  /**
   * When the ack of a message contains the hash of the devices that the server believes are in the chat. `differing`: only if the
   * sender gave another hash or none, or encrypted a direct message for other devices.
   */
  ack_phash: behaviour({
    value: z.enum(['never', 'differing', 'always']),
    initial: 'never',
    source:
      'whatsmeow send.go (2026-08-21) compares it when it is there; whatsapp-rust 1489b7da (2026-08-21) has it echoed; zapo 9a49e1f (2026-08-19) takes it for a difference',
  }),
  /** Whether others are notified of a linked or removed device, and by which address. */
  device_notifications: behaviour({
    value: z.enum(['none', 'lid', 'pn']),
    initial: 'none',
    source: 'whatsmeow notification.go (2026-08-21): <notification type=devices>, account_sync for the own devices',
  }),
  /** Whether others are notified that a phone has a new identity, and by which address. */
  identity_notifications: behaviour({
    value: z.enum(['none', 'lid', 'pn']),
    initial: 'lid',
    source:
      'whatsmeow notification.go (2026-08-21): <notification type=encrypt><identity/>; learned by a retry receipt else',
  }),
  /**
   * Whether members are notified of joined and removed members, and whether by the address that the group uses or by the other one.
   */
  membership_notifications: behaviour({
    value: z.enum(['none', 'group', 'other']),
    initial: 'group',
    source: 'Baileys rc14 messages-recv.js (2026-08-06): "TODO: Support PN/LID", "HANDLE PARTICIPANT_PN"',
  }),
}

type Known = typeof behaviours
/** The value of each behaviour. */
export type Behaviours = { [Name in keyof Known]: z.output<Known[Name]['value']> }

/** The default of every behaviour. */
export function initialBehaviours(): Behaviours {
  const entries = Object.entries(behaviours).map(([name, { initial }]) => [name, initial])
  return Object.fromEntries(entries) as Behaviours
}

const optional = Object.entries(behaviours).map(([name, { value }]) => [name, value.optional()])

/** The behaviours to change, with their new values. */
export const behaviourChange = z.strictObject(Object.fromEntries(optional)) as unknown as z.ZodType<
  Partial<Behaviours>,
  Partial<Behaviours>
>
