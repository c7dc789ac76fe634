import { ulid } from 'ulid'

import type { AuditCategory, AuditFields, NewAuditEntry } from '../../../plugin/contract/audit.ts'
import type { OrgId } from '../../../plugin/contract/ids.ts'

/** An audit entry as the API returns it (agentcy-host.md §6). */
export type AuditEntry = {
  /** `aud_<ulid>` */
  readonly id: string
  /** The number of the entry in its org, without gaps. */
  readonly seq: number
  /** When the entry was appended, as RFC 3339 with milliseconds. */
  readonly ts: string
  readonly org_id: string
  readonly user_id: string | null
  /** Always null so far: a plugin does not report which key the caller used. */
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

/** An entry to store, without its number. */
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

/** An entry as it is stored. */
export type EntryRow = NewEntryRow & { readonly seq: number; readonly apiKeyId: string | null }

const ID = /^aud_[0-9A-HJKMNP-TV-Z]{26}$/

/** Whether a text is a well-formed entry id; other texts are never looked up. */
export const isEntryId = (text: string): boolean => ID.test(text)

/** The row to store for an entry. @throws TypeError if the entry cannot be written as JSON. */
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

/** The API entry of a stored row. */
export function entryOf(row: EntryRow): AuditEntry {
  return {
    id: row.id,
    seq: row.seq,
    ts: new Date(row.at).toISOString(),
    org_id: row.org,
    user_id: row.userId,
    api_key_id: row.apiKeyId,
    // These columns had values of these types when they were stored.
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
