import type { AuditCategory } from '../../contract/audit.ts'
import type { Role } from '../../contract/role.ts'

/** Who may call a procedure, what policies call it, and where its effect is told. Each procedure is made with its own. */
export type CallRule = {
  /** The least role that it takes. */
  readonly role: Role
  /**
   * What policies call it: `<domain>.<verb>`, derived from method and path as agentcy-host.md §4 shows, with the verbs of its
   * audit log for what is created, updated and deleted.
   */
  readonly action: string
  /** Where its effect is told to the audit log once it has had it. Missing: nowhere. */
  readonly audited?: AuditCategory
}
