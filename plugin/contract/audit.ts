import type { OrgId } from './ids.ts'

/** What an entry is about (agentcy-host.md §6). Plain reads are not audited. */
export type AuditCategory = 'policy' | 'channel' | 'chat'

/** Details of the resource: ids, names, effects; never the text of a message or a full phone number. */
export type AuditFields = Readonly<Record<string, string | number | boolean | null>>

/** An audit entry about one decision or action. */
export type NewAuditEntry = {
  readonly category: AuditCategory
  /** `<domain>.<verb>`, as policies name it: `chat.tool.execute`, `binding.create`. */
  readonly action: string
  /** The decision; `allow` for an action by somebody who is permitted to do it. */
  readonly decision: 'allow' | 'deny'
  /** `usr_…`: on whose behalf; null if it was nobody in particular. */
  readonly user: string | null
  readonly resource: AuditFields
  /** The package and rule that denied it, such as `agentcy.connectors.deny`; null if none did. */
  readonly rule: string | null
  /** The facts that the decision used; `{}` if nothing was decided. */
  readonly input: Readonly<Record<string, unknown>>
  /** `req_…` of the turn or the request. */
  readonly requestId: string
  /** How long the decision took; null if nothing was decided. */
  readonly latencyMs: number | null
}

/** The host's audit log: append-only, numbered without gaps within each org. */
export type Audit = {
  /**
   * Adds an entry; it is durable when this resolves.
   * @throws if it cannot be stored; the action that it describes must then not happen.
   */
  append(org: OrgId, entry: NewAuditEntry): Promise<void>
}
