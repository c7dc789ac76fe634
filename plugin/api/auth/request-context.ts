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

/** What the api needs of the host, and of the channel as a whole. */
export type Hosting = Pick<Host, 'log' | 'authenticate' | 'audit'> & {
  /** Whether anybody can be served by this host. */
  readonly isReady: () => boolean
}

/** What every transport needs. */
export type ApiParts = {
  readonly operations: Operations
  readonly host: Hosting
  /** What an org holds of the api now. */
  readonly held: (org: OrgId) => Held
  readonly calls: Pick<CallBuckets, 'of'>
}

/** All that a procedure knows of the call it answers. */
export type RequestContext = {
  readonly operations: Operations
  readonly audit: Audit
  readonly log: Log
  /** Null when nobody holds the token. */
  readonly principal: Principal | null
  /** Of the request; over a WebSocket, of the connection. */
  readonly requestId: string
  /** As the header has it, unchecked. A WebSocket has none: it would stand for every send of the connection. */
  readonly idempotencyKey: string | null
  /** What bounds the socket that the call came by; null over HTTP. */
  readonly socket: SocketBounds | null
  /** What each call is taken from; null when this one is taken already, or nobody calls. */
  readonly calls: Calls | null
}

/** What one socket may take of the process. */
export type SocketBounds = {
  readonly outflow: Outflow
  readonly inflow: Inflow
  readonly subscriptions: SubscriptionSlots
}

const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/
const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i

/** A new `req_<ulid>`. */
export const mintRequestId = (): string => `req_${ulid()}`

/** The caller's own `x-request-id` when it can be shown as it is, else a new one. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : mintRequestId()
}

/** Who sends a request, with the calls of their token. */
export type Sender = { readonly principal: Principal; readonly calls: Calls }

/** Who sends this request; null when its `Authorization` names nobody. A token anywhere else counts as none. */
export async function senderOf(
  { request, requestId }: { readonly request: IncomingMessage; readonly requestId: string },
  { host, calls }: Pick<ApiParts, 'host' | 'calls'>,
): Promise<Sender | null> {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1]
  const principal = token === undefined ? null : await host.authenticate(token)
  return token !== undefined && principal ? { principal, calls: calls.of({ token, principal, requestId }) } : null
}

/** The `Idempotency-Key` of the request, unchecked; null when it has none. */
export function idempotencyKeyOf(request: IncomingMessage): string | null {
  const given = request.headers['idempotency-key']
  return typeof given === 'string' ? given : null
}
