import { setTimeout as delay } from 'node:timers/promises'

import type { WebSocket } from 'ws'

import type { Principal } from '../../contract/host.ts'
import type { OrgId } from '../../contract/ids.ts'
import type { SocketLimits } from '../../contract/limits.ts'
import { logUnforeseen } from '../http/error-shape.ts'
import type { ApiParts } from './request-context.ts'

/** The owner of a socket, for as long as its token is valid. */
export type Member = { readonly token: string; readonly principal: Principal }

/** Why a socket is refused. */
export type TurnedAway = 'unauthorized' | 'too_many_sockets'

const UNAUTHORIZED = 4401
const TOKEN_DEADLINE_MS = 5_000
// A revoked token is noticed after 2 s, or 4.5 s if the host does not answer, so its sockets are closed within 5 s.
const RECHECK_MS = 2_000
const RECHECK_DEADLINE_MS = 2_500
const CLOSE_DEADLINE_MS = 1_000

/** Closes a socket with a closing frame; terminates it if the client does not answer that in time. */
export function dismiss(socket: WebSocket, code: number, reason: string): void {
  const cut = setTimeout(() => socket.terminate(), CLOSE_DEADLINE_MS)
  socket.once('close', () => clearTimeout(cut))
  socket.close(code, reason)
}

type Authenticating = Pick<ApiParts['host'], 'authenticate'>

const samePrincipal = (left: Principal, right: Principal): boolean =>
  left.org === right.org && left.user === right.user && left.role === right.role

async function recheck(host: Authenticating, socket: WebSocket, member: Member): Promise<void> {
  const late = delay(RECHECK_DEADLINE_MS, null, { ref: false })
  const principal = await Promise.race([host.authenticate(member.token), late]).catch(() => null)
  if (principal === null || !samePrincipal(principal, member.principal)) dismiss(socket, UNAUTHORIZED, 'unauthorized')
}

/** Tracks the open sockets and their owners. Checks tokens periodically, and closes the sockets of a revoked token. */
export function createMembership({ host }: Pick<ApiParts, 'host'>, limits: () => SocketLimits) {
  const members = new Map<WebSocket, Member>()
  const strangers = new Set<WebSocket>()

  const rechecks = setInterval(() => {
    for (const [socket, member] of members) void recheck(host, socket, member)
  }, RECHECK_MS)
  rechecks.unref()

  /** Terminates a socket that does not identify its owner in time. */
  function expect(socket: WebSocket): void {
    strangers.add(socket)
    const deadline = setTimeout(() => {
      if (!members.has(socket)) socket.terminate()
    }, TOKEN_DEADLINE_MS)
    socket.once('close', () => {
      clearTimeout(deadline)
      members.delete(socket)
      strangers.delete(socket)
    })
  }

  /** Treats a host that fails to answer as one that does not know the token. */
  async function ask(token: string): Promise<Principal | null> {
    return host.authenticate(token).catch((thrown: unknown) => {
      logUnforeseen(host.log, thrown, { requestId: 'none', procedure: 'none' })
      return null
    })
  }

  const socketsOfToken = (token: string): number => [...members.values()].filter(each => each.token === token).length

  /** Admits a socket for the holder of a token. Returns null, or why it is refused. */
  async function admit(socket: WebSocket, token: string | null): Promise<TurnedAway | null> {
    const principal = token === null ? null : await ask(token)
    if (token === null || principal === null) return 'unauthorized'
    if (socketsOfToken(token) >= limits().perToken) return 'too_many_sockets'
    if (socket.readyState === socket.OPEN) {
      members.set(socket, { token, principal })
      strangers.delete(socket)
    }
    return null
  }

  return {
    expect,
    admit,
    /** Null while the socket's owner is unknown. */
    memberOf: (socket: WebSocket): Member | null => members.get(socket) ?? null,
    /** The number of sockets without a known owner, including those about to be closed for it. */
    strangers: (): number => strangers.size,
    socketsOf: (org: OrgId): number => [...members.values()].filter(({ principal }) => principal.org === org).length,
    stop: () => clearInterval(rechecks),
  }
}
