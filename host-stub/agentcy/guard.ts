import type { IncomingMessage } from 'node:http'

/** The port that the server listens on. */
export type ListenPort = { readonly port: number }

/** Whether a request comes from a place that may talk to this host at all; asked before anything else is. */
export type Guard = (
  request: Pick<IncomingMessage, 'url' | 'headers'> & {
    readonly socket: { readonly localAddress?: string | undefined }
  },
) => boolean

/** An IPv4 address as a server that listens on both kinds has it. */
const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i
const LOOPBACK = /^127\.|^::1$/
const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/**
 * The names of this server for a caller that reached it at an address: that address and, at one of loopback, its other names. Nobody from
 * elsewhere reaches those.
 */
function namesOf(reached: string, { port }: ListenPort): string[] {
  const address = reached.replace(MAPPED, '').toLowerCase()
  const names = LOOPBACK.test(address) ? [inUrl(address), '127.0.0.1', 'localhost', '[::1]'] : [inUrl(address)]
  return names.flatMap(name => (port === 80 ? [`${name}:${port}`, name] : [`${name}:${port}`]))
}

/**
 * Makes the check that keeps out web pages, and those from elsewhere who say that they are here (reliability.md F51, X17): a rebound
 * host name, a name of another address than the one that was reached, a foreign or `null` origin, a request that a browser says
 * another site caused. Programs send neither `Origin` nor `Sec-Fetch-Site`, and pass.
 */
export function createGuard(listening: ListenPort): Guard {
  const sites = new Set([undefined, 'same-origin', 'none'])
  return ({ url, headers, socket }) => {
    const { host, origin } = headers
    const names = socket.localAddress === undefined ? [] : namesOf(socket.localAddress, listening)
    return (
      url?.startsWith('/') === true &&
      host !== undefined &&
      names.includes(host.toLowerCase()) &&
      (origin === undefined || names.some(name => origin.toLowerCase() === `http://${name}`)) &&
      sites.has(headers['sec-fetch-site']?.toString().toLowerCase())
    )
  }
}
