import { setTimeout as delay } from 'node:timers/promises'

import type { WebSocket } from 'ws'

import type { Principal } from '../contract/host.ts'
import { logUnforeseen } from './error-shape.ts'
import type { Ground } from './request-context.ts'

/** Whom a socket belongs to, for as long as its token says so. */
type Member = { readonly token: string; readonly principal: Principal }

const UNAUTHORIZED = 4401
const TOKEN_DEADLINE_MS = 5_000
const REFUSAL_MS = 250
// A revoked token is noticed in 2 s, or in 4.5 s by a host that does not answer: its sockets are closed within 5.
const RECHECK_MS = 2_000
const RECHECK_DEADLINE_MS = 2_500
const CLOSE_DEADLINE_MS = 1_000

/** Closes politely, and for certain: whoever does not answer the closing frame is cut off. */
export function dismiss(socket: WebSocket, code: number, reason: string): void {
  const cut = setTimeout(() => socket.terminate(), CLOSE_DEADLINE_MS)
  socket.once('close', () => clearTimeout(cut))
  socket.close(code, reason)
}

const samePrincipal = (left: Principal, right: Principal): boolean =>
  left.org === right.org && left.user === right.user && left.role === right.role

/** The sockets that are open and whose they are. A token is asked about again and again: one that was revoked closes its sockets. */
export function createMembership({ host }: Pick<Ground, 'host'>) {
  const members = new Map<WebSocket, Member>()

  async function recheck(socket: WebSocket, member: Member): Promise<void> {
    const late = delay(RECHECK_DEADLINE_MS, null, { ref: false })
    const principal = await Promise.race([host.authenticate(member.token), late]).catch(() => null)
    if (principal === null || !samePrincipal(principal, member.principal)) {
      dismiss(socket, UNAUTHORIZED, 'unauthorized')
    }
  }

  const rechecks = setInterval(() => {
    for (const [socket, member] of members) void recheck(socket, member)
  }, RECHECK_MS)
  rechecks.unref()

  /** A socket that does not say in time whose it is is cut off. */
  function expect(socket: WebSocket): void {
    const deadline = setTimeout(() => {
      if (!members.has(socket)) socket.terminate()
    }, TOKEN_DEADLINE_MS)
    socket.once('close', () => {
      clearTimeout(deadline)
      members.delete(socket)
    })
  }

  /** A host that cannot say whose the token is has not vouched for it. */
  async function ask(token: string): Promise<Principal | null> {
    return host.authenticate(token).catch((thrown: unknown) => {
      logUnforeseen(host.log, thrown, { requestId: 'none', procedure: 'none' })
      return null
    })
  }

  async function admit(socket: WebSocket, token: string | undefined): Promise<Principal | null> {
    const principal = token === undefined ? null : await ask(token)
    if (token !== undefined && principal !== null && socket.readyState === socket.OPEN) {
      members.set(socket, { token, principal })
    }
    if (principal === null) {
      // The calls that follow at once are refused first, so that the client learns why instead of coming back.
      setTimeout(() => dismiss(socket, UNAUTHORIZED, 'unauthorized'), REFUSAL_MS).unref()
    }
    return principal
  }

  return { expect, admit, stop: () => clearInterval(rechecks) }
}
