import type { IncomingMessage } from 'node:http'

/** The port that the server listens on. */
export type ListenPort = { readonly port: number }

/** Whether a request comes from an allowed place; checked before everything else. */
export type OriginCheck = (
  request: Pick<IncomingMessage, 'url' | 'headers'> & {
    readonly socket: { readonly localAddress?: string | undefined }
  },
) => boolean

/** An IPv4 address in the form in which a dual-stack server reports it. */
const MAPPED = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i
const LOOPBACK = /^127\.|^::1$/
const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/**
 * The valid host names of this server for a caller that connected to an address: the address itself and, for a loopback address,
 * the other loopback names. Callers from elsewhere cannot reach a loopback address.
 */
function namesOf(reached: string, { port }: ListenPort): string[] {
  const address = reached.replace(MAPPED, '').toLowerCase()
  const names = LOOPBACK.test(address) ? [inUrl(address), '127.0.0.1', 'localhost', '[::1]'] : [inUrl(address)]
  return names.flatMap(name => (port === 80 ? [`${name}:${port}`, name] : [`${name}:${port}`]))
}

/**
 * Creates the check that rejects web pages, and remote callers that pretend to be local (reliability.md F51, X17): a rebound host
 * name, the name of another address than the one that was reached, a foreign or `null` origin, or a request that the browser marks
 * as caused by another site. Programs send neither `Origin` nor `Sec-Fetch-Site`, and pass.
 */
export function createOriginCheck(listening: ListenPort): OriginCheck {
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
