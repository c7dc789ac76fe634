import { once, EventEmitter } from 'node:events'
import {
  Browsers,
  DisconnectReason,
  initAuthCreds,
  makeWASocket,
  proto,
  WA_CERT_DETAILS,
  type ConnectionState,
  type SignalDataTypeMap,
  type SignalKeyStore,
  type UserFacingSocketConfig,
  type WAMessage,
  type WASocket,
} from '@whiskeysockets/baileys'
import type { LedgerPage, RunningNetwork } from './network.ts'

type Credentials = ReturnType<typeof initAuthCreds>

/** The stock Baileys client with keys in memory: what the network is proven against. */
export interface BareClient extends AsyncDisposable {
  readonly socket: WASocket
  readonly received: WAMessage[]
  /** The QR codes shown so far. */
  readonly codes: string[]
  connect(options?: Partial<UserFacingSocketConfig>): void
  nextCode(): Promise<string>
  opened(): Promise<void>
  /** Waits for the line to close and gives Baileys' own code for it. */
  closed(): Promise<number>
  receives(fits: (message: WAMessage) => boolean): Promise<WAMessage>
  /** Waits until a sent message has at least this status. */
  reaches(id: string, status: number): Promise<number>
}

const patienceMs = 15_000

// libsignal prints sessions with their private keys, and these clients live in the test's own process.
for (const level of ['info', 'warn', 'error'] as const) console[level] = () => undefined

const silentLogger = {
  level: 'silent',
  child: () => silentLogger,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

export function bareClient(network: RunningNetwork): BareClient {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(network.noiseRootKey, 'hex')
  const credentials = initAuthCreds()
  const keys = memoryKeys()
  const events = new EventEmitter()
  const received: WAMessage[] = []
  const codes: string[] = []
  const seen = { opened: 0, closings: [] as number[], statuses: new Map<string, number>() }
  const nextCode = takeNext(codes)
  const nextClosing = takeNext(seen.closings)
  let socket: WASocket | undefined
  const waitFor = async <Found>(find: () => Found | undefined): Promise<Found> => {
    const signal = AbortSignal.timeout(patienceMs)
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      await once(events, 'change', { signal })
    }
  }
  const follow = (update: Partial<ConnectionState>) => {
    if (update.qr) codes.push(update.qr)
    if (update.connection === 'open') seen.opened += 1
    if (update.connection === 'close') seen.closings.push(statusOf(update.lastDisconnect?.error))
    events.emit('change')
  }
  return {
    get socket() {
      if (!socket) throw new Error('not connected yet')
      return socket
    },
    received,
    codes,
    connect: (options = {}) => {
      socket = openSocket(network, { credentials, keys, options })
      socket.ev.on('creds.update', update => Object.assign(credentials, update))
      socket.ev.on('connection.update', follow)
      socket.ev.on('messages.update', updates => {
        for (const { key, update } of updates) seen.statuses.set(key.id ?? '', update.status ?? 0)
        events.emit('change')
      })
      socket.ev.on('messages.upsert', ({ messages }) => {
        received.push(...messages)
        events.emit('change')
      })
    },
    nextCode: () => waitFor(nextCode),
    opened: async () => void (await waitFor(() => (seen.opened > 0 ? seen.opened-- : undefined))),
    closed: () => waitFor(nextClosing),
    receives: fits => waitFor(() => received.find(fits)),
    reaches: (id, status) =>
      waitFor(() => {
        const reached = seen.statuses.get(id) ?? 0
        return reached >= status ? reached : undefined
      }),
    [Symbol.asyncDispose]: async () => {
      await socket?.end(undefined)
    },
  }
}

/** Links a client to a phone, and comes back when it is connected and has had its first synchronisation. */
export async function linkedClient(
  network: RunningNetwork,
  owner: Awaited<ReturnType<RunningNetwork['phone']>>,
  options: Partial<UserFacingSocketConfig> = {},
): Promise<BareClient> {
  const syncs = (page: LedgerPage) => page.queries['w:sync:app:state'] ?? 0
  const before = syncs(await network.ledger())
  const client = bareClient(network)
  client.connect(options)
  await owner.scan(await client.nextCode())
  if ((await client.closed()) !== Number(DisconnectReason.restartRequired)) throw new Error('no restart after pairing')
  client.connect(options)
  await client.opened()
  await network.ledgerWhen(page => syncs(page) > before)
  return client
}

function takeNext<Item>(items: Item[]): () => Item | undefined {
  let next = 0
  return () => (next < items.length ? items[next++] : undefined)
}

function openSocket(
  network: RunningNetwork,
  {
    credentials,
    keys,
    options,
  }: { credentials: Credentials; keys: SignalKeyStore; options: Partial<UserFacingSocketConfig> },
): WASocket {
  return makeWASocket({
    waWebSocketUrl: network.url,
    auth: { creds: credentials, keys },
    logger: silentLogger,
    browser: Browsers.ubuntu('Chrome'),
    syncFullHistory: false,
    ...options,
  })
}

function statusOf(error: Error | undefined): number {
  const { output } = (error ?? {}) as { output?: { statusCode?: number } }
  return output?.statusCode ?? 0
}

function memoryKeys(): SignalKeyStore {
  const rows = new Map<string, unknown>()
  return {
    get: <Kind extends keyof SignalDataTypeMap>(kind: Kind, ids: string[]) => {
      const found = ids.flatMap(id => {
        const row = rows.get(`${kind} ${id}`)
        return row === undefined ? [] : [[id, revive(kind, row)] as const]
      })
      return Promise.resolve(Object.fromEntries(found) as Record<string, SignalDataTypeMap[Kind]>)
    },
    set: changes => {
      for (const [kind, entries] of Object.entries(changes)) {
        for (const [id, value] of Object.entries(entries ?? {})) {
          if (value === null) rows.delete(`${kind} ${id}`)
          else rows.set(`${kind} ${id}`, structuredClone(value))
        }
      }
      return Promise.resolve()
    },
  }
}

function revive(kind: string, row: unknown): unknown {
  if (kind === 'app-state-sync-key') return proto.Message.AppStateSyncKeyData.fromObject(row as object)
  return structuredClone(row)
}
