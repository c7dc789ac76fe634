import { isLoopbackHost } from '../../contract/loopback.ts'

/** WhatsApp's own hosts for files; no other host is ever asked for one (reliability.md §5, X3). */
const OURS = /^(?:[a-z0-9-]+\.)+whatsapp\.net$/
const USUAL = 'mmg.whatsapp.net'

/** Where a file may be. */
export type Whereabouts = {
  /** The hosts that WhatsApp names for files, each with its port if it has one. */
  readonly hosts: readonly string[]
  /** The address that the sender wrote; null when there is none. */
  readonly url: string | null
  readonly directPath: string | null
}

/** Whether files may be downloaded from this host and uploaded to it. */
export const isMediaHost = ({ hostname, port }: URL, onLoopback: boolean): boolean =>
  onLoopback ? isLoopbackHost(hostname) : OURS.test(hostname) && port === ''

/**
 * The addresses to fetch a file from, the best first: the sender's path on WhatsApp's hosts, and the sender's own host only when it
 * is one of those. On a loopback network, only loopback hosts are allowed.
 */
export function placesOf({ hosts, url, directPath }: Whereabouts, onLoopback: boolean): URL[] {
  const isOurs = (place: URL): boolean => isMediaHost(place, onLoopback)
  const written = url !== null && URL.canParse(url) ? new URL(url) : null
  const sendersHost = written && isOurs(written) ? [written.host] : []
  const path = directPath || (written && `${written.pathname}${written.search}`)
  if (!path?.startsWith('/')) return []
  const places = [...hosts, ...sendersHost, ...(onLoopback ? [] : [USUAL])].flatMap(host => {
    const base = `https://${host}`
    // Appended to the host, and not resolved against it: "//elsewhere/x" and "/\elsewhere/x" name another host.
    const place = URL.canParse(`${base}${path}`) ? new URL(`${base}${path}`) : null
    return place && place.host === new URL(base).host && isOurs(place) ? [place] : []
  })
  return [...new Map(places.map(place => [place.href, place])).values()]
}
