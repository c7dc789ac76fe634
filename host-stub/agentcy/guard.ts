import type { IncomingMessage } from 'node:http'

/** The address that the server listens on. */
export type ListenAddress = { readonly host: string; readonly port: number }

/** Whether a request comes from a place that may talk to this host at all; asked before anything else is. */
export type Guard = (request: Pick<IncomingMessage, 'url' | 'headers'>) => boolean

const WILDCARDS = new Set(['0.0.0.0', '::'])
const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]']
const inUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host)

/** The values of `Host` that name this server. A wildcard names nothing: a page may call `0.0.0.0` and reach loopback. */
function ownHosts({ host, port }: ListenAddress): Set<string> {
  const names = WILDCARDS.has(host) ? LOOPBACK : [...LOOPBACK, inUrl(host).toLowerCase()]
  const bare = port === 80 ? names : []
  return new Set([...names.map(name => `${name}:${port}`), ...bare])
}

/**
 * Makes the check that keeps web pages out (reliability.md F51, X17): a rebound host name, a foreign or `null` origin, a
 * request that a browser says another site caused. Programs send neither `Origin` nor `Sec-Fetch-Site`, and pass.
 */
export function createGuard(address: ListenAddress): Guard {
  const hosts = ownHosts(address)
  const origins = new Set([...hosts].map(host => `http://${host}`))
  const sites = new Set([undefined, 'same-origin', 'none'])
  return ({ url, headers }) => {
    const { host, origin } = headers
    return (
      url?.startsWith('/') === true &&
      host !== undefined &&
      hosts.has(host.toLowerCase()) &&
      (origin === undefined || origins.has(origin.toLowerCase())) &&
      sites.has(headers['sec-fetch-site']?.toString().toLowerCase())
    )
  }
}
