import {
  createTRPCClient,
  createWSClient,
  httpBatchLink,
  httpLink,
  type Operation,
  splitLink,
  type TRPCClient,
  type TRPCLink,
  type TRPCWebSocketClient,
  wsLink,
} from '@trpc/client'
import superjson from 'superjson'
import { WebSocket } from 'ws'

import type { AppRouter } from '../plugin/api/router.ts'

/** Where the host is, and how to get a token; a function is asked for each connection and each request. */
export type ClientOptions = {
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string
  readonly token: string | (() => Promise<string>)
}

/** A typed client, and what ends its socket. */
export type WhatsAppClient = {
  readonly client: TRPCClient<AppRouter>
  /** Ends all subscriptions and closes the socket. */
  readonly close: () => Promise<void>
}

const MOST_BATCHED = 20
const MOST_URL_LENGTH = 8_000
const FIRST_RETRY_MS = 250
const MOST_RETRY_MS = 30_000

const retryDelayMs = (attempt: number): number =>
  attempt === 0 ? 0 : Math.min(FIRST_RETRY_MS * 2 ** attempt, MOST_RETRY_MS)

function idempotencyKeyOf(operation: Operation): Record<string, string> {
  const key = operation.context['idempotencyKey']
  return typeof key === 'string' ? { 'idempotency-key': key } : {}
}

type TokenSource = () => Promise<string>

/** Node 20 has no WebSocket of its own; the one of `ws` follows the same standard. */
function openSocket(base: URL, currentToken: TokenSource): TRPCWebSocketClient {
  const url = new URL(base)
  url.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:'
  return createWSClient({
    url: url.href,
    WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
    connectionParams: async () => ({ token: await currentToken() }),
    lazy: { enabled: true, closeMs: 1_000 },
    keepAlive: { enabled: true, intervalMs: 20_000, pongTimeoutMs: 10_000 },
    retryDelayMs,
  })
}

/** Queries are batched. Mutations go one by one: an idempotency key is a header, and stands for one send. */
function httpLinks(base: URL, currentToken: TokenSource): TRPCLink<AppRouter> {
  const authorization = async () => ({ authorization: `Bearer ${await currentToken()}` })
  return splitLink({
    condition: operation => operation.type === 'mutation',
    true: httpLink({
      url: base.href,
      transformer: superjson,
      headers: async ({ op }) => ({ ...(await authorization()), ...idempotencyKeyOf(op) }),
    }),
    false: httpBatchLink({
      url: base.href,
      transformer: superjson,
      maxItems: MOST_BATCHED,
      maxURLLength: MOST_URL_LENGTH,
      headers: authorization,
    }),
  })
}

/**
 * A client of the WhatsApp channel: queries and mutations over HTTP, subscriptions over one WebSocket that is opened
 * when the first begins and comes back by itself. `messages.watch` goes on where it stopped, without gap or repeat.
 *
 * A send is safe to repeat under a key: `client.whatsapp.send.mutate(body, { context: { idempotencyKey } })`.
 */
export function createWhatsAppClient({ url, token }: ClientOptions): WhatsAppClient {
  const base = new URL('/trpc', url)
  const currentToken: TokenSource = async () => (typeof token === 'string' ? token : token())
  const socket = openSocket(base, currentToken)
  const client = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: operation => operation.type === 'subscription',
        true: wsLink({ client: socket, transformer: superjson }),
        false: httpLinks(base, currentToken),
      }),
    ],
  })
  return { client, close: () => socket.close() }
}
