import { ulid } from 'ulid'

import type { AuditCategory, AuditFields, NewAuditEntry } from '../../../plugin/contract/audit.ts'
import type { OrgId } from '../../../plugin/contract/ids.ts'

/** An entry as it is served (agentcy-host.md §6). */
export type AuditEntry = {
  /** `aud_<ulid>` */
  readonly id: string
  /** Its number in the org, without gaps. */
  readonly seq: number
  /** RFC 3339 with milliseconds: when the log was told. */
  readonly ts: string
  readonly org_id: string
  readonly user_id: string | null
  /** Null: a plugin does not tell by which key somebody came. */
  readonly api_key_id: string | null
  readonly category: AuditCategory
  readonly action: string
  readonly decision: 'allow' | 'deny'
  readonly resource: AuditFields
  readonly policy_id: string | null
  readonly rule: string | null
  readonly input: Readonly<Record<string, unknown>>
  readonly context: { readonly ip: string | null; readonly request_id: string; readonly latency_ms: number | null }
}

/** An entry that has no number yet, as it is kept. */
export type NewEntryRow = {
  readonly org: string
  readonly id: string
  readonly at: number
  readonly userId: string | null
  readonly category: string
  readonly action: string
  readonly decision: string
  /** JSON */
  readonly resource: string
  readonly rule: string | null
  /** JSON */
  readonly input: string
  readonly requestId: string
  readonly latencyMs: number | null
}

/** An entry as it is kept. */
export type EntryRow = NewEntryRow & { readonly seq: number; readonly apiKeyId: string | null }

const ID = /^aud_[0-9A-HJKMNP-TV-Z]{26}$/

/** Whether a text can be the id of an entry: nothing else is ever looked for. */
export const isEntryId = (text: string): boolean => ID.test(text)

/** What is to be kept of that which the log is told. @throws TypeError when it does not survive JSON. */
export function newRow(org: OrgId, entry: NewAuditEntry, at: number): NewEntryRow {
  const { user, resource, input, latencyMs, category, action, decision, rule, requestId } = entry
  return {
    org,
    id: `aud_${ulid(at)}`,
    at,
    userId: user,
    category,
    action,
    decision,
    resource: JSON.stringify(resource),
    rule,
    input: JSON.stringify(input),
    requestId,
    latencyMs: latencyMs === null ? null : Math.round(latencyMs),
  }
}

/** What is served of that which is kept. */
export function entryOf(row: EntryRow): AuditEntry {
  return {
    id: row.id,
    seq: row.seq,
    ts: new Date(row.at).toISOString(),
    org_id: row.org,
    user_id: row.userId,
    api_key_id: row.apiKeyId,
    // They were of these words when they were kept.
    category: row.category as AuditCategory,
    action: row.action,
    decision: row.decision as AuditEntry['decision'],
    resource: JSON.parse(row.resource) as AuditFields,
    policy_id: null,
    rule: row.rule,
    input: JSON.parse(row.input) as AuditEntry['input'],
    context: { ip: null, request_id: row.requestId, latency_ms: row.latencyMs },
  }
}
