import type { AuditCategory } from '../../contract/audit.ts'
import type { ErrorCode } from '../../contract/errors/errors.ts'
import type { Role } from '../../contract/role.ts'

/** A method, and a path below `/api/v1`. A segment `:name` is a field of the procedure's input. */
export type RestAddress = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`

/** How a procedure is called over REST. The method and the path determine where its input is placed (rest/route-input.ts). */
export type RestCall = {
  readonly call: RestAddress
  /** The older call that this one replaces: it still works but should not be used. */
  readonly deprecated?: RestAddress
  /** What the call does, for OpenAPI and the table of calls. */
  readonly summary: string
  /** 200 if missing. */
  readonly status?: 201 | 202
  /** The errors of this call, besides those that every call has. */
  readonly refusals?: readonly ErrorCode[]
}

/**
 * A procedure's rule: who may call it, its action in policies, its audit category, and its REST call. REST, OpenAPI, the roles and
 * the table of calls in README.md are derived from these rules.
 */
export type CallRule = {
  /** The minimum role. */
  readonly role: Role
  /**
   * Its name in policies: `<domain>.<verb>`, derived from method and path as in agentcy-host.md §4, with the audit log's verbs for
   * create, update and delete.
   */
  readonly action: string
  /** The audit category under which its effect is logged afterwards. Missing: the effect is not logged. */
  readonly audited?: AuditCategory
  /** Missing: only callable over tRPC, as subscriptions are. */
  readonly rest?: RestCall
}
