import { z } from 'zod'

import { ChannelError } from '../contract/errors/errors.ts'
import type { QrTimes } from '../contract/gateway-protocol.ts'
import type { Role } from '../contract/role.ts'
import { type Address, addressOfPerson, type OrgId, type Person, type Phone } from '../contract/ids.ts'
import type { CallLimits, GrowthLimits, SocketLimits } from '../contract/limits.ts'
import { TAKEOVER_KINDS, type TakeoverKind } from '../contract/takeover.ts'
import { parseWebVersion, type WebVersion } from '../contract/web-version.ts'
import {
  TRIGGER_KINDS,
  DEFAULT_INBOUND_LIMITS,
  MAX_GATHER_MS,
  NO_INBOUND_LIMITS,
  type TriggerKind,
  type InboundLimits,
} from './inbound-limits.ts'
import type { Environment } from './environment.ts'
import { callLimitsOf, growthLimitsOf } from './growth-limits.ts'
import { orgSchema, readOrgs, type OrgSettings } from './org-settings.ts'
import type { Limits } from './send-limits.ts'
import {
  approvalSeconds,
  approversOf,
  approversSchema,
  budgetsOf,
  budgetsSchema,
  limitShape,
  limitsSchema,
  pacingLimitsOf,
  rolesOf,
  rolesSchema,
  seconds,
  socketLimitsOf,
} from './settings-fields.ts'

/** The operator's settings. A reload puts all of them into force without a new pairing. */
export type Settings = {
  /** Live: the roles of people on WhatsApp, by address; everybody else is a viewer. */
  readonly roles: ReadonlyMap<Address, Role>
  /** Live, for turns that begin after the reload. */
  readonly turnDeadlineMs: number
  /** Live: how fast an account sends, if it is paced at all. */
  readonly pacing: Limits
  /** Live: whether people who never wrote may be written to. */
  readonly coldContact: boolean
  /** Live: whether senders get a read receipt when a turn begins for their message. */
  readonly readReceipts: boolean
  /** Live: which events, besides people's own messages, may trigger agents. */
  readonly alsoAnswered: ReadonlySet<TriggerKind>
  /**
   * Live, for messages that arrive after the reload: whether a mention of everybody in a group counts as a mention of the number.
   */
  readonly mentionAllCounts: boolean
  /**
   * Live, for messages that arrive after the reload: the longest time between two messages that are combined into one turn; 0:
   * none are combined.
   */
  readonly gatherMs: number
  /** Live: whether messages that disappear from their chats stay stored here. */
  readonly keepDisappearing: boolean
  /**
   * Live: for how many days messages, their files and sends are stored; 0: without limit. Null: the default that the database was
   * created with.
   */
  readonly retentionDays: number | null
  /** Live: the people to ask for approvals, in the order in which they are asked. */
  readonly approvers: ReadonlySet<Address | Phone>
  /** Live: after how long an approval expires. */
  readonly approvalTimeoutMs: number
  /** Live: how many of the last messages of the conversation an agent gets. */
  readonly contextMessages: number
  /** Live: the message that restarts a conversation; null if there is none. */
  readonly resetTrigger: string | null
  /** Live: the chats that the owner takes over by writing in them. */
  readonly humanTakeover: TakeoverKind
  /** Live: how long after the owner's last message in a chat its agent resumes. */
  readonly resumeAfterMs: number
  /** Live: the message with which the owner hands a chat back. */
  readonly resumeWord: string
  /** Live: roughly how many messages per minute may trigger agents. */
  readonly budgets: InboundLimits
  /** Live, for sockets and subscriptions opened after the reload: how many callers may hold. */
  readonly socketLimits: SocketLimits
  /** Live: how long an org has to wait between two reloads of its own. */
  readonly reloadGapMs: number
  /** Live: the orgs' own settings, which replace those for all orgs. */
  readonly orgs: ReadonlyMap<OrgId, OrgSettings>
  /** Live: how often a token may call. */
  readonly callLimits: CallLimits
  /** Live: the limits of an org on things that accumulate. */
  readonly growthLimits: GrowthLimits
  /** Applies after a restart of the gateway, which a reload triggers if they changed. */
  readonly qrTimes: QrTimes
  /**
   * Also applies after a restart: the version that is always announced to WhatsApp, even if WhatsApp refuses it; null: the newest
   * that WhatsApp accepts.
   */
  readonly webVersion: WebVersion | null
}

/** People usually send their next message within about this time. */
const DEFAULT_GATHER_MS = 1_500

/**
 * For 14 days a repeated message is recognised by the stored one; for 30 days a key identifies its send, and status changes of
 * sends are delivered.
 */
const LEAST_DAYS_KEPT = 31

/** One line without leading or trailing blanks. */
const RESET_TRIGGER = /^\S(.{0,62}\S)?$/

const settingsSchema = z.strictObject({
  approval_timeout_seconds: approvalSeconds.default(300),
  approvers: approversSchema.default([]),
  budgets: budgetsSchema.default({}),
  also_answer: z.array(z.enum(TRIGGER_KINDS)).default([]),
  human_takeover: z.enum(TAKEOVER_KINDS).default('direct'),
  resume_after_minutes: z.int().min(1).max(10_080).default(60),
  resume_word: z.string().regex(RESET_TRIGGER).default('/agent'),
  cold_contact: z.enum(['on', 'off']).default('on'),
  gather_ms: z.int().min(0).max(MAX_GATHER_MS).optional(),
  context_messages: z.int().min(0).max(200).default(20),
  limits: limitsSchema.prefault({}),
  keep_disappearing: z.enum(['on', 'off']).default('off'),
  mention_all_counts: z.boolean().default(false),
  pacing: z.strictObject({ raise: z.boolean().default(false), ...limitShape }).optional(),
  read_receipts: z.enum(['on', 'off']).default('on'),
  retention_days: z
    .union([z.literal(0), z.int().min(LEAST_DAYS_KEPT).max(36_500)])
    .nullable()
    .default(null),
  reset_trigger: z.string().regex(RESET_TRIGGER).nullable().default(null),
  qr: z.strictObject({ first_seconds: seconds.default(60), next_seconds: seconds.default(20) }).optional(),
  orgs: z.record(z.string(), orgSchema).default({}),
  roles: rolesSchema.default({}),
  turn_deadline_seconds: seconds.default(300),
  web_version: z
    .string()
    .refine(written => written === 'auto' || parseWebVersion(written) !== null)
    .default('auto'),
})

/** The field of a settings error: its path, and for an unknown key its name. */
function fieldOf(issue: z.core.$ZodIssue): string {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  const path = [...issue.path, ...unknown].map(String)
  const shown = path[0] === 'orgs' ? 4 : 2
  // The keys of roles are people's addresses, which no message may contain.
  const end = path.indexOf('roles') + 1 || shown
  return path.slice(0, Math.min(end, shown)).join('.')
}

/** Reads the settings; unknown fields are refused. @throws ChannelError `bad_settings`, naming the field. */
export function readSettings(written: unknown, { network, pacing: isPaced }: Environment): Settings {
  const read = settingsSchema.safeParse(written)
  if (!read.success) {
    const [issue] = read.error.issues
    const field = issue ? fieldOf(issue) : ''
    const wrong = issue?.code === 'unrecognized_keys' ? 'is not a setting' : 'has a value that is not allowed'
    throw new ChannelError('bad_settings', `Settings: "${field}" ${wrong}. Correct it and reload again.`)
  }
  const { also_answer, budgets, qr, roles, turn_deadline_seconds, cold_contact, pacing, read_receipts } = read.data
  if (qr && !network) {
    throw new ChannelError('bad_settings', 'Settings: "qr" is for a network on loopback; WhatsApp sets its own times.')
  }
  const all: Omit<Settings, 'orgs'> = {
    approvers: approversOf(read.data.approvers),
    approvalTimeoutMs: read.data.approval_timeout_seconds * 1_000,
    alsoAnswered: new Set(also_answer),
    retentionDays: read.data.retention_days,
    keepDisappearing: read.data.keep_disappearing === 'on',
    mentionAllCounts: read.data.mention_all_counts,
    // Without pacing there is no wait unless the settings ask for one.
    gatherMs: read.data.gather_ms ?? (isPaced ? DEFAULT_GATHER_MS : 0),
    readReceipts: read_receipts === 'on',
    roles: rolesOf(roles),
    turnDeadlineMs: turn_deadline_seconds * 1_000,
    pacing: pacingLimitsOf(pacing ?? { raise: false }),
    coldContact: cold_contact === 'on',
    contextMessages: read.data.context_messages,
    resetTrigger: read.data.reset_trigger,
    humanTakeover: read.data.human_takeover,
    resumeAfterMs: read.data.resume_after_minutes * 60_000,
    resumeWord: read.data.resume_word,
    budgets: budgetsOf(budgets, isPaced ? DEFAULT_INBOUND_LIMITS : NO_INBOUND_LIMITS),
    socketLimits: socketLimitsOf(read.data.limits),
    callLimits: callLimitsOf(read.data.limits),
    growthLimits: growthLimitsOf(read.data.limits),
    webVersion: parseWebVersion(read.data.web_version),
    qrTimes: { firstMs: (qr?.first_seconds ?? 60) * 1_000, nextMs: (qr?.next_seconds ?? 20) * 1_000 },
    reloadGapMs: read.data.limits.reload_seconds * 1_000,
  }
  return { ...all, orgs: readOrgs(read.data.orgs, all) }
}

/**
 * The role that the settings give to one of a person's addresses; null if they give none. The LID comes first, because it cannot
 * be reassigned.
 */
export function namedRole({ roles }: Pick<Settings, 'roles'>, { lid, phone }: Person): Role | null {
  const byLid = lid && roles.get(addressOfPerson({ lid, phone: null }))
  const byPhone = phone && roles.get(addressOfPerson({ lid: null, phone }))
  return byLid ?? byPhone ?? null
}
