import type { IncomingMessage } from 'node:http'

import type { HostCall, Principal, Routes } from '../../plugin/contract/host.ts'
import type { Role } from '../../plugin/contract/role.ts'
import { requestIdOf, type Refusal } from './refusal.ts'

/** What the host needs to admit a call of its own routes. */
export type AdmissionParts = {
  authenticate(token: string): Promise<Principal | null>
  /** The plugin's check: evaluates the policies of the caller's org and writes the decision to the audit log. */
  readonly admit: NonNullable<Routes['admit']>
}

/** A call to admit, and the roles that may make it. */
export type AskedCall = Omit<HostCall, 'requestId'> & { readonly roles: ReadonlySet<Role> }

/** The caller, or why the call is refused. */
export type Admitted = { readonly principal: Principal; readonly token: string } | { readonly refusal: Refusal }

const BEARER = /^Bearer ([^\s]+)$/i
const UNAUTHORIZED: Refusal = { code: 'unauthorized', headers: { 'www-authenticate': 'Bearer' } }

/** Admits a call before its body is read: checks the token, then the role, then the policies of the org. */
export async function admitted(
  parts: AdmissionParts,
  request: IncomingMessage,
  { roles, ...call }: AskedCall,
): Promise<Admitted> {
  const [, token = ''] = BEARER.exec(request.headers.authorization ?? '') ?? []
  const principal = token === '' ? null : await parts.authenticate(token)
  if (!principal) return { refusal: UNAUTHORIZED }
  if (!roles.has(principal.role)) return { refusal: { code: 'forbidden' } }
  const verdict = await parts.admit(principal, { ...call, requestId: requestIdOf(request) })
  return verdict === 'admitted' ? { principal, token } : { refusal: { code: verdict } }
}
