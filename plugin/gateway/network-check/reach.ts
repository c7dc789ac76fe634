import type { LookupAddress } from 'node:dns'
import { connect as connectPlain, isIP } from 'node:net'
import { connect as connectSecure } from 'node:tls'

/** The host of a WebSocket, as used to connect to it. */
export type LiveHost = { readonly hostname: string; readonly port: number; readonly isSecure: boolean }

export function hostOf({ hostname, port, protocol }: URL): LiveHost {
  const isSecure = protocol === 'wss:'
  return { hostname: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (isSecure ? 443 : 80), isSecure }
}

/** What is wrong with the way to a host: its name does not resolve, it cannot be reached, or another server answers. */
export type ReachProblem = { readonly says: string; readonly todo: string }

const RESOLVER = 'Look at the resolver of this machine: it must know names of the internet.'
const FIREWALL = 'Let this machine connect there: look at its firewall, its routes, and the network that it is in.'
const PROXY =
  ' HTTPS_PROXY is set, but the channel uses no proxy: WhatsApp has to be reached directly, or through a transparent one.'
const INSPECTED =
  'Something in between opens connections that are encrypted. Exempt this host from that, or name the authority of it in NODE_EXTRA_CA_CERTS.'

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code ?? 'unknown')

/** Resolves the name; null when that works. An IP address needs no resolving. */
export async function resolveName(
  { hostname }: LiveHost,
  resolve: (hostname: string) => Promise<LookupAddress[]>,
  withinMs: number,
): Promise<ReachProblem | null> {
  if (isIP(hostname) !== 0) return null
  let timer: NodeJS.Timeout | undefined
  const overdue = new Promise<null>(done => (timer = setTimeout(done, withinMs, null)))
  try {
    const found = await Promise.race([resolve(hostname), overdue])
    if (found === null)
      return { says: `Nobody says within ${withinMs / 1_000} s where ${hostname} is.`, todo: RESOLVER }
    return found.length > 0 ? null : { says: `${hostname} has no address.`, todo: RESOLVER }
  } catch (error) {
    return { says: `The name ${hostname} does not resolve (${codeOf(error)}).`, todo: RESOLVER }
  } finally {
    clearTimeout(timer)
  }
}

/** Adds a hint to a problem when a proxy is set, which the channel does not use. */
export const withProxyHint = (problem: ReachProblem, hasProxy: boolean): ReachProblem =>
  hasProxy ? { ...problem, todo: `${problem.todo}${PROXY}` } : problem

/** Connects to the host, with TLS if the WebSocket uses it, and hangs up. Null when that works. */
export function reach(host: LiveHost, withinMs: number): Promise<ReachProblem | null> {
  const { hostname, port, isSecure } = host
  const place = `${hostname}:${port}`
  return new Promise(done => {
    const socket = isSecure
      ? connectSecure({ host: hostname, port, servername: isIP(hostname) === 0 ? hostname : '' })
      : connectPlain({ host: hostname, port })
    const settle = (problem: ReachProblem | null): void => {
      clearTimeout(timer)
      socket.destroy()
      done(problem)
    }
    const timer = setTimeout(settle, withinMs, {
      says: `${place} does not answer within ${withinMs / 1_000} s.`,
      todo: FIREWALL,
    })
    socket.once(isSecure ? 'secureConnect' : 'connect', () => settle(null))
    socket.once('error', error => settle(problemOf(error, place)))
    socket.once('close', () => settle({ says: `${place} hangs up at once.`, todo: FIREWALL }))
  })
}

/** The error codes of a server that accepts the connection but is not the right one, or does not speak TLS. */
const TLS = /^(ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|INVALID_|HOSTNAME_MISMATCH)/

function problemOf(error: Error, place: string): ReachProblem {
  const code = codeOf(error)
  if (code === 'ECONNREFUSED') return { says: `Nobody listens at ${place} (${code}).`, todo: FIREWALL }
  if (!TLS.test(code)) return { says: `${place} cannot be reached (${code}).`, todo: FIREWALL }
  return { says: `${place} answers, but its TLS is not to be trusted (${code}).`, todo: INSPECTED }
}
