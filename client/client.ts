import { WebSocket } from 'ws'

import { connectBy, type WhatsAppClient } from './connection.ts'

export type { WhatsAppClient } from './connection.ts'

/** Where the host is, and how to get a token. A token function is called for each connection and each request. */
export type ClientOptions = {
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string
  readonly token: string | (() => Promise<string>)
}

const MOST_RETRY_MS = 30_000

/**
 * A client of the WhatsApp channel: queries and mutations over HTTP, subscriptions over one WebSocket. The socket opens with the
 * first subscription and reconnects by itself. `messages.watch` resumes where it stopped, without gap or repeat.
 *
 * A send is safe to repeat under a key: `client.whatsapp.send.mutate(body, { context: { idempotencyKey } })`.
 */
export function createWhatsAppClient({ url, token }: ClientOptions): WhatsAppClient {
  return connectBy({
    url,
    token: async () => (typeof token === 'string' ? token : token()),
    // Node 20 has no built-in WebSocket; the one of `ws` follows the same standard.
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    fetch,
    mostRetryMs: MOST_RETRY_MS,
  })
}
