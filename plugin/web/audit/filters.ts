import type { AuditEntry } from './entry.ts'

/** Which entries to show; empty filters match all. */
export type AuditFilters = {
  readonly decision: '' | 'allow' | 'deny'
  readonly action: string
  readonly userId: string
  /** In the format of the browser's field, in local time: `2026-04-24T12:00`. */
  readonly since: string
}

export const NO_FILTERS: AuditFilters = { decision: '', action: '', userId: '', since: '' }

const instantOf = (since: string): string | null => {
  const at = Date.parse(since)
  return Number.isNaN(at) ? null : new Date(at).toISOString()
}

/** The query string for the host. */
export function queryOf(
  filters: AuditFilters,
  page: { readonly limit?: number; readonly before?: string | null },
): string {
  const query = new URLSearchParams()
  const since = instantOf(filters.since)
  if (filters.decision !== '') query.set('decision', filters.decision)
  if (filters.action.trim() !== '') query.set('action', filters.action.trim())
  if (filters.userId.trim() !== '') query.set('user_id', filters.userId.trim())
  if (since !== null) query.set('since', since)
  if (page.limit !== undefined) query.set('limit', String(page.limit))
  if (page.before) query.set('before', page.before)
  return query.toString()
}

/** Whether a new entry passes the filters. */
export function passes(
  filters: AuditFilters,
  entry: Pick<AuditEntry, 'decision' | 'action' | 'user_id' | 'ts'>,
): boolean {
  const since = instantOf(filters.since)
  return (
    (filters.decision === '' || filters.decision === entry.decision) &&
    (filters.action.trim() === '' || filters.action.trim() === entry.action) &&
    (filters.userId.trim() === '' || filters.userId.trim() === entry.user_id) &&
    (since === null || Date.parse(since) <= Date.parse(entry.ts))
  )
}
