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

/** What the operator's settings decide. A reload puts all of them into force without a new pairing. */
export type Settings = {
  /** Live: the role of a person on WhatsApp, by address; everybody else is a viewer. */
  readonly roles: ReadonlyMap<Address, Role>
  /** Live, for turns that begin after the reload. */
  readonly turnDeadlineMs: number
  /** Live: how fast an account speaks, while it is paced at all. */
  readonly pacing: Limits
  /** Live: whether those who never wrote may be written to. */
  readonly coldContact: boolean
  /** Live: whether those who write learn that a turn has begun for it. */
  readonly readReceipts: boolean
  /** Live: what else than people's own words bindings are asked about. */
  readonly alsoAnswered: ReadonlySet<TriggerKind>
  /** Live, for messages that come after the reload: whether a mention of all who are in a group is one of the number. */
  readonly mentionAllCounts: boolean
  /** Live, for messages that come after the reload: how close together the pieces of one question are at most; 0: there are none. */
  readonly gatherMs: number
  /** Live: whether what disappears from its chats is kept here all the same. */
  readonly keepDisappearing: boolean
  /** Live: for how many days messages, their files and sends are kept; 0: for ever. Null: as the database began. */
  readonly retentionDays: number | null
  /** Live: who is asked for approvals, in the order in which they are asked. */
  readonly approvers: ReadonlySet<Address | Phone>
  /** Live: after how long an approval lapses. */
  readonly approvalTimeoutMs: number
  /** Live: how many of the last messages of its conversation an agent is handed. */
  readonly contextMessages: number
  /** Live: what somebody writes to restart a conversation; null when nothing does that. */
  readonly resetTrigger: string | null
  /** Live: in which chats the owner takes over by writing there. */
  readonly humanTakeover: TakeoverKind
  /** Live: how long after the owner's last words there the agent goes on. */
  readonly resumeAfterMs: number
  /** Live: what the owner writes to hand a chat back. */
  readonly resumeWord: string
  /** Live: about how many messages of a minute agents are asked. */
  readonly budgets: InboundLimits
  /** Live, for what is opened after the reload: how many sockets and subscriptions callers may hold. */
  readonly socketLimits: SocketLimits
  /** Live: how long an org waits between two reloads of its own. */
  readonly reloadGapMs: number
  /** Live: what orgs have of their own in the place of what holds for all. */
  readonly orgs: ReadonlyMap<OrgId, OrgSettings>
  /** Live: how often a token may call. */
  readonly callLimits: CallLimits
  /** Live: how much an org may have of what grows. */
  readonly growthLimits: GrowthLimits
  /** In force once the gateway has restarted, which a reload sees to when they changed. */
  readonly qrTimes: QrTimes
  /** The same: the version that is announced to WhatsApp whatever it says to it; null: the newest that it takes. */
  readonly webVersion: WebVersion | null
}

/** People go on within about so long. */
const DEFAULT_GATHER_MS = 1_500

/**
 * For so long a message may come once more and is known by the one that is kept (14 days), a key stands for its send and steps of sends are told (30).
 */
const LEAST_DAYS_KEPT = 31

/** One line without blanks around it. */
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

/** The field of a settings error: where it stands, and for an unknown key its name. */
function fieldOf(issue: z.core.$ZodIssue): string {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  const path = [...issue.path, ...unknown].map(String)
  const shown = path[0] === 'orgs' ? 4 : 2
  // The keys of roles are people's addresses, which no message may hold.
  const end = path.indexOf('roles') + 1 || shown
  return path.slice(0, Math.min(end, shown)).join('.')
}

/** Reads the settings; what has no place in them is refused. @throws ChannelError `bad_settings`, naming the field. */
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
    // Where nothing is paced, nobody waits for anything that is not asked for.
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

/** The role that the settings give one of a person's addresses, the LID, which cannot be reassigned, first; null for none. */
export function namedRole({ roles }: Pick<Settings, 'roles'>, { lid, phone }: Person): Role | null {
  const byLid = lid && roles.get(addressOfPerson({ lid, phone: null }))
  const byPhone = phone && roles.get(addressOfPerson({ lid: null, phone }))
  return byLid ?? byPhone ?? null
}
