import {
  createTRPCClient,
  createWSClient,
  getFetch,
  httpBatchLink,
  httpLink,
  type Operation,
  splitLink,
  type TRPCClient,
  type TRPCLink,
  type TRPCWebSocketClient,
  wsLink,
} from '@trpc/client'
import type { AppRouter } from '../plugin/api/trpc/router.ts'

/** The transformer for inputs and outputs: JSON wrapped as `{"json": …}`, without special types. */
export const PLAIN_JSON = {
  serialize: (value: unknown): unknown => ({ json: value }),
  deserialize: (envelope: { readonly json?: unknown }): unknown => envelope.json,
}

/** A typed client, and the function that closes its socket. */
export type WhatsAppClient = {
  readonly client: TRPCClient<AppRouter>
  /** Ends all subscriptions and closes the socket. */
  readonly close: () => Promise<void>
}

/** How to reach the host. */
export type Route = {
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string
  /** Called for each connection and each request. */
  readonly token: () => Promise<string>
  /** The WebSocket class: the browser's own, or one that follows the same standard. */
  readonly WebSocket: typeof globalThis.WebSocket
  /** The fetch function for queries and mutations. */
  readonly fetch: typeof globalThis.fetch
  /** The longest pause before the socket reconnects. */
  readonly mostRetryMs: number
  /** Called each time the socket opens or closes. */
  readonly onLine?: (open: boolean) => void
}

const MOST_BATCHED = 20
const FIRST_RETRY_MS = 250

function idempotencyKeyOf(operation: Operation): Record<string, string> {
  const key = operation.context['idempotencyKey']
  return typeof key === 'string' ? { 'idempotency-key': key } : {}
}

function openSocket(base: URL, { token, WebSocket, mostRetryMs, onLine }: Route): TRPCWebSocketClient {
  const url = new URL(base)
  url.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:'
  return createWSClient({
    url: url.href,
    WebSocket,
    connectionParams: async () => ({ token: await token() }),
    lazy: { enabled: true, closeMs: 1_000 },
    keepAlive: { enabled: true, intervalMs: 20_000, pongTimeoutMs: 10_000 },
    retryDelayMs: attempt => (attempt === 0 ? 0 : Math.min(FIRST_RETRY_MS * 2 ** attempt, mostRetryMs)),
    onOpen: () => onLine?.(true),
    onClose: () => onLine?.(false),
  })
}

/** Queries are batched. Mutations are sent one by one, because the idempotency key is a header and belongs to one send. */
function httpLinks(base: URL, { token, ...route }: Pick<Route, 'token' | 'fetch'>): TRPCLink<AppRouter> {
  const fetch = getFetch(route.fetch)
  const authorization = async () => ({ authorization: `Bearer ${await token()}` })
  return splitLink({
    condition: operation => operation.type === 'mutation',
    true: httpLink({
      url: base.href,
      fetch,
      transformer: PLAIN_JSON,
      headers: async ({ op }) => ({ ...(await authorization()), ...idempotencyKeyOf(op) }),
    }),
    false: httpBatchLink({
      url: base.href,
      fetch,
      transformer: PLAIN_JSON,
      maxItems: MOST_BATCHED,
      // A query may contain a number or a text. In a GET request they would be part of the URL, which proxies log.
      methodOverride: 'POST',
      headers: authorization,
    }),
  })
}

/** Connects queries and mutations over HTTP, and subscriptions over one WebSocket that reconnects by itself. */
export function connectBy(route: Route): WhatsAppClient {
  const base = new URL('/trpc', route.url)
  const socket = openSocket(base, route)
  const client = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: operation => operation.type === 'subscription',
        true: wsLink({ client: socket, transformer: PLAIN_JSON }),
        false: httpLinks(base, route),
      }),
    ],
  })
  return { client, close: () => socket.close() }
}
