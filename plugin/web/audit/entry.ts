import { plainLine } from '../../contract/plain-text.ts'

/** An entry of the host's audit log, in the host's format. */
export type AuditEntry = {
  readonly id: string
  readonly seq: number
  /** RFC 3339 */
  readonly ts: string
  readonly user_id: string | null
  readonly category: string
  readonly action: string
  readonly decision: 'allow' | 'deny'
  readonly resource: Readonly<Record<string, unknown>>
  readonly rule: string | null
  readonly input: Readonly<Record<string, unknown>>
  readonly context: { readonly request_id: string; readonly latency_ms: number | null }
}

const isText = (value: unknown): value is string | number | boolean => value !== null && typeof value !== 'object'

/** The subject of an entry in one line. */
export const subjectOf = ({ resource }: Pick<AuditEntry, 'resource'>): string =>
  Object.entries(resource)
    .filter(([, value]) => isText(value))
    .map(([name, value]) => `${name} ${plainLine(String(value))}`)
    .join(', ')
