import type { AuditEntry } from './audit-entry.ts'
import { csvCell } from '../../../plugin/contract/plain-text.ts'

/** A CSV line (RFC 4180) of plain texts that no spreadsheet program reads as formulas. */
export const csvLine = (values: readonly (string | number | null)[]): string =>
  `${values.map(value => csvCell(String(value ?? ''))).join(',')}\r\n`

type Column = (entry: AuditEntry) => string | number | null

const COLUMNS: Readonly<Record<string, Column>> = {
  id: entry => entry.id,
  seq: entry => entry.seq,
  ts: entry => entry.ts,
  org_id: entry => entry.org_id,
  user_id: entry => entry.user_id,
  api_key_id: entry => entry.api_key_id,
  category: entry => entry.category,
  action: entry => entry.action,
  decision: entry => entry.decision,
  resource: entry => JSON.stringify(entry.resource),
  policy_id: entry => entry.policy_id,
  rule: entry => entry.rule,
  input: entry => JSON.stringify(entry.input),
  ip: entry => entry.context.ip,
  request_id: entry => entry.context.request_id,
  latency_ms: entry => entry.context.latency_ms,
}

/** Streams the entries as CSV: a header, then one line per entry. */
export async function* csvOf(pages: AsyncIterable<readonly AuditEntry[]>): AsyncGenerator<string> {
  yield csvLine(Object.keys(COLUMNS))
  const columns = Object.values(COLUMNS)
  for await (const entries of pages) {
    if (entries.length > 0) yield entries.map(entry => csvLine(columns.map(column => column(entry)))).join('')
  }
}
