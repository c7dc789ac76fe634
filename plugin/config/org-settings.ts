import { z } from 'zod'

import type { InboundLimits } from './inbound-limits.ts'
import type { Settings } from './settings.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import { LOCAL_ORG, parseOrgId, type OrgId } from '../contract/ids.ts'
import { isLaxer, LIMIT_NAMES, type LimitName, type Limits } from './send-limits.ts'
import {
  approvalSeconds,
  approversOf,
  approversSchema,
  budgetsOf,
  budgetsSchema,
  limitShape,
  rolesOf,
  rolesSchema,
  seconds,
} from './settings-fields.ts'

/** The settings that an org can have of its own. */
export type OrgSettings = Pick<
  Settings,
  'roles' | 'approvers' | 'pacing' | 'budgets' | 'turnDeadlineMs' | 'approvalTimeoutMs'
>

/** The schema of one org's settings. */
export const orgSchema = z.strictObject({
  approval_timeout_seconds: approvalSeconds.optional(),
  approvers: approversSchema.default([]),
  budgets: budgetsSchema.default({}),
  pacing: z.strictObject(limitShape).default({}),
  roles: rolesSchema.default({}),
  turn_deadline_seconds: seconds.optional(),
})

type Written = z.infer<typeof orgSchema>

const BUDGET_NAMES = {
  perSender: 'per_sender_minute',
  perChat: 'per_chat_minute',
  perAccount: 'per_account_minute',
} as const satisfies Record<keyof InboundLimits, string>

/**
 * Reads each org's own settings. They can only be stricter than the settings for all orgs.
 * @throws ChannelError `bad_settings`, naming the field.
 */
export function readOrgs(
  written: Readonly<Record<string, Written>>,
  all: Omit<Settings, 'orgs'>,
): Map<OrgId, OrgSettings> {
  return new Map(
    Object.entries(written).map(([name, own]) => {
      const org = parseOrgId(name)
      if (!org) throw new ChannelError('bad_settings', 'Settings: a key of "orgs" is no id of an org.')
      return [org, read(org, own, all)]
    }),
  )
}

function read(org: OrgId, own: Written, all: Omit<Settings, 'orgs'>): OrgSettings {
  const settings = {
    approvers: approversOf(own.approvers),
    roles: rolesOf(own.roles),
    budgets: budgetsOf(own.budgets, all.budgets),
    pacing: pacingOf(own.pacing, all.pacing),
    turnDeadlineMs: msOf(own.turn_deadline_seconds) ?? all.turnDeadlineMs,
    approvalTimeoutMs: msOf(own.approval_timeout_seconds) ?? all.approvalTimeoutMs,
  }
  const laxer = laxerField(settings, all)
  if (laxer === null) return settings
  throw new ChannelError(
    'bad_settings',
    `Settings: "orgs.${org}.${laxer}" can only be made stricter than for all orgs.`,
  )
}

const msOf = (written: number | undefined): number | null => (written === undefined ? null : written * 1_000)

const pacingOf = (own: Written['pacing'], all: Limits): Limits =>
  Object.fromEntries(LIMIT_NAMES.map((name: LimitName) => [name, own[name] ?? all[name]])) as Limits

function laxerField(own: OrgSettings, all: Omit<Settings, 'orgs'>): string | null {
  const limit = LIMIT_NAMES.find(name => isLaxer(name, own.pacing[name], all.pacing[name]))
  if (limit) return `pacing.${limit}`
  const most = (budget: number | null): number => budget ?? Number.POSITIVE_INFINITY
  for (const [key, name] of Object.entries(BUDGET_NAMES) as [keyof InboundLimits, string][])
    if (most(own.budgets[key]) > most(all.budgets[key])) return `budgets.${name}`
  if (own.turnDeadlineMs > all.turnDeadlineMs) return 'turn_deadline_seconds'
  return own.approvalTimeoutMs > all.approvalTimeoutMs ? 'approval_timeout_seconds' : null
}

/**
 * The settings that apply to one org. `roles` and `approvers` are never those of another org: those outside of `orgs`, in the old
 * place, are those of `org_local`.
 */
export function settingsOf(settings: Settings, org: OrgId): Settings {
  const own = settings.orgs.get(org)
  const people = org === LOCAL_ORG ? settings : { roles: new Map(), approvers: new Set<never>() }
  const { roles, approvers } = own ?? people
  if (org !== LOCAL_ORG || !own) return { ...settings, ...own, roles, approvers }
  return {
    ...settings,
    ...own,
    roles: new Map([...settings.roles, ...own.roles]),
    approvers: new Set([...settings.approvers, ...own.approvers]),
  }
}
