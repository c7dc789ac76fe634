import type { LookupAddress } from 'node:dns'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request, type RequestOptions } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'

import { ChannelError } from '../contract/errors/errors.ts'

/** What fetching files from URLs of callers needs. */
export type RemoteFileParts = {
  readonly resolve: (hostname: string) => Promise<LookupAddress[]>
  readonly isPublic: (address: string) => boolean
  /** The authority whose certificates are accepted; null for the public authorities. */
  readonly authority: string | null
  /** How long the connection may be idle, and how long the whole fetch may take. */
  readonly times: { readonly idleMs: number; readonly wholeMs: number }
}

/** A caller waits for the answer to a send during this time. */
export const REMOTE_TIMES = { idleMs: 20_000, wholeMs: 120_000 } as const

const REDIRECTS_MOST = 3

const refused = (): ChannelError => new ChannelError('url_not_fetched')

/**
 * Fetches files from URLs that callers name. Only public addresses are contacted, whatever a resolver returns in between: the
 * address that is connected to is checked, again at each redirect. All failures look the same, so that callers cannot find out what
 * answers inside the network (reliability.md F55).
 */
export class RemoteFiles {
  readonly #parts: RemoteFileParts

  constructor(parts: RemoteFileParts) {
    this.#parts = parts
  }

  /** The bytes of the file at a URL, as they arrive. @throws ChannelError `url_not_fetched`, `media_too_large` */
  async *read(address: string, mostBytes: number): AsyncGenerator<Uint8Array> {
    const signal = AbortSignal.timeout(this.#parts.times.wholeMs)
    try {
      const response = await this.#follow(new URL(address), signal)
      if (Number(response.headers['content-length'] ?? 0) > mostBytes) {
        response.destroy()
        throw new ChannelError('media_too_large')
      }
      yield* response as AsyncIterable<Buffer>
    } catch (error) {
      throw error instanceof ChannelError ? error : refused()
    }
  }

  async #follow(address: URL, signal: AbortSignal): Promise<IncomingMessage> {
    let place = address
    for (let redirects = 0; redirects <= REDIRECTS_MOST; redirects += 1) {
      const response = await this.#ask(place, signal)
      const { statusCode = 0, headers } = response
      // A small compressed body may be endless when it is decompressed.
      if (statusCode === 200 && (headers['content-encoding'] ?? 'identity') === 'identity') return response
      response.destroy()
      if (statusCode < 300 || statusCode >= 400 || headers.location === undefined) break
      place = new URL(headers.location, place)
    }
    throw refused()
  }

  async #ask(place: URL, signal: AbortSignal): Promise<IncomingMessage> {
    if (!this.#mayAsk(place)) throw refused()
    const asking = request(place, { ...this.#options(), signal })
    asking.on('timeout', () => asking.destroy(refused()))
    asking.on('socket', socket => {
      socket.once('connect', () => {
        if (!this.#parts.isPublic(socket.remoteAddress ?? '')) asking.destroy(refused())
      })
    })
    asking.end()
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    return response
  }

  /** A host that is an IP address is never resolved, so it is checked here. */
  #mayAsk({ protocol, username, password, hostname }: URL): boolean {
    if (protocol !== 'https:' || username !== '' || password !== '') return false
    const host = hostname.replace(/^\[|\]$/g, '')
    return isIP(host) === 0 || this.#parts.isPublic(host)
  }

  #options(): RequestOptions {
    const { authority, times } = this.#parts
    return {
      agent: false,
      timeout: times.idleMs,
      lookup: this.#lookup,
      headers: { 'accept-encoding': 'identity' },
      ...(authority !== null && { ca: authority }),
    }
  }

  readonly #lookup: LookupFunction = async (hostname, { all }, done) => {
    const found = await this.#resolved(hostname).catch(() => [])
    const [first] = found
    if (!first) done(refused(), '')
    else if (all) done(null, found)
    else done(null, first.address, first.family)
  }

  /** All addresses of a name, if every one of them is public. */
  async #resolved(hostname: string): Promise<LookupAddress[]> {
    const found = await this.#parts.resolve(hostname)
    if (found.length === 0 || !found.every(({ address }) => this.#parts.isPublic(address))) throw refused()
    return found
  }
}
