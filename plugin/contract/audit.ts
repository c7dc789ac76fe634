import type { OrgId } from './ids.ts'

/** What an entry is about (agentcy-host.md §6). Plain reads are not audited. */
export type AuditCategory = 'policy' | 'channel' | 'chat'

/** A word of what was acted on: ids, names, effects; never a text of a message or a full phone number. */
export type AuditFields = Readonly<Record<string, string | number | boolean | null>>

/** What the plugin tells of one thing that was decided or done. */
export type NewAuditEntry = {
  readonly category: AuditCategory
  /** `<domain>.<verb>`, as policies name it: `chat.tool.execute`, `binding.create`. */
  readonly action: string
  /** What was decided; what was done by somebody who may is `allow`. */
  readonly decision: 'allow' | 'deny'
  /** `usr_…`: on whose behalf; null when nobody in particular acted. */
  readonly user: string | null
  readonly resource: AuditFields
  /** What denied it: the package and its rule, as `agentcy.connectors.deny`; null when nothing did. */
  readonly rule: string | null
  /** The facts that were judged; `{}` when nothing was. */
  readonly input: Readonly<Record<string, unknown>>
  /** `req_…` of the turn or the request. */
  readonly requestId: string
  /** How long the decision took; null when nothing was decided. */
  readonly latencyMs: number | null
}

/** The host's audit log: append-only, numbered without gaps in each org. */
export type Audit = {
  /**
   * Adds an entry; it is durable when this resolves.
   * @throws when it cannot be kept: what it would have told of must not happen then.
   */
  append(org: OrgId, entry: NewAuditEntry): Promise<void>
}
