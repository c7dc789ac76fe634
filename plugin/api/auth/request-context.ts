/// <reference types="node" preserve="true" />
import type { IncomingMessage } from 'node:http'

import { ulid } from 'ulid'

import type { Audit } from '../../contract/audit.ts'
import type { Held } from '../../contract/limits.ts'
import type { OrgId } from '../../contract/ids.ts'
import type { Host, Log, Principal } from '../../contract/host.ts'
import type { Operations } from '../../contract/operations.ts'
import type { CallBuckets, Calls } from './call-rate-limit.ts'
import type { Inflow } from '../http/read-limit.ts'
import type { Outflow } from '../http/backpressure.ts'
import type { SubscriptionSlots } from '../http/subscription-slots.ts'

/** What the API needs from the host, and from the channel as a whole. */
export type Hosting = Pick<Host, 'log' | 'authenticate' | 'audit'> & {
  /** Whether this host can serve anybody. */
  readonly isReady: () => boolean
}

/** The parts that every transport needs. */
export type ApiParts = {
  readonly operations: Operations
  readonly host: Hosting
  /** The sockets and subscriptions that an org has open now. */
  readonly held: (org: OrgId) => Held
  readonly calls: Pick<CallBuckets, 'of'>
}

/** The context of a procedure call. */
export type RequestContext = {
  readonly operations: Operations
  readonly audit: Audit
  readonly log: Log
  /** Null if the token is invalid or missing. */
  readonly principal: Principal | null
  /** The id of the request; over a WebSocket, of the connection. */
  readonly requestId: string
  /** The header's value, unchecked. Null over a WebSocket: a key would apply to every send of the connection. */
  readonly idempotencyKey: string | null
  /** The limits of the socket that the call arrived on; null over HTTP. */
  readonly socket: SocketBounds | null
  /** The budget that each call is taken from; null if this call is counted already, or there is no caller. */
  readonly calls: Calls | null
}

/** The limits of one socket. */
export type SocketBounds = {
  readonly outflow: Outflow
  readonly inflow: Inflow
  readonly subscriptions: SubscriptionSlots
}

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/
const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i

/** A new `req_<ulid>`. */
export const mintRequestId = (): string => `req_${ulid()}`

/** The caller's own `x-request-id` if it can be shown as it is, else a new id. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : mintRequestId()
}

/** The sender of a request, with the call budget of their token. */
export type Sender = { readonly principal: Principal; readonly calls: Calls }

/** The sender of this request; null if its `Authorization` header has no valid token. A token anywhere else is ignored. */
export async function senderOf(
  { request, requestId }: { readonly request: IncomingMessage; readonly requestId: string },
  { host, calls }: Pick<ApiParts, 'host' | 'calls'>,
): Promise<Sender | null> {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1]
  const principal = token === undefined ? null : await host.authenticate(token)
  return token !== undefined && principal ? { principal, calls: calls.of({ token, principal, requestId }) } : null
}

/** The `Idempotency-Key` of the request, unchecked; null if it has none. */
export function idempotencyKeyOf(request: IncomingMessage): string | null {
  const given = request.headers['idempotency-key']
  return typeof given === 'string' ? given : null
}
