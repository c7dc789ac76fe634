import type { AuditCategory } from '../../contract/audit.ts'
import type { ErrorCode } from '../../contract/errors/errors.ts'
import type { Role } from '../../contract/role.ts'

/** A method, and a path below `/api/v1`; a segment `:name` is a field of the procedure's input. */
export type RestAddress = `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`

/** How a procedure is called over REST. Where its input stands follows from the method and the path (rest/route-input.ts). */
export type RestCall = {
  readonly call: RestAddress
  /** The call whose place it took: it still works and should not be used. */
  readonly deprecated?: RestAddress
  /** What it does, for OpenAPI and the table of calls. */
  readonly summary: string
  /** 200 when missing. */
  readonly status?: 201 | 202
  /** The refusals of this call beside those that every call has. */
  readonly refusals?: readonly ErrorCode[]
}

/**
 * All that stands beside a procedure: who may call it, what policies call it, where its effect is told, and how it is called over
 * REST. REST, OpenAPI, the roles and the table of calls in README.md are read from here.
 */
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
  /** Missing: it is called over tRPC alone, as subscriptions are. */
  readonly rest?: RestCall
}
