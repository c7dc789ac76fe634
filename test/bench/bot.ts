/**
 * A bot as a user of Baileys would write it, started as a process of its own: Baileys' example with its key cache, or the
 * same with its keys in memory. It has a group cache and a `getMessage`, as the README of Baileys advises, in its favour.
 */
import { join } from 'node:path'

import {
  initAuthCreds,
  makeCacheableSignalKeyStore,
  makeWASocket,
  useMultiFileAuthState,
  WA_CERT_DETAILS,
  type AuthenticationState,
  type GroupMetadata,
  type proto,
  type SignalKeyStore,
  type WASocket,
} from '@whiskeysockets/baileys'

import type { BotOrder, BotOrders, BotSetting, FromBot, ToBot } from './bot-orders.ts'

type Login = {
  readonly index: number
  readonly auth: AuthenticationState
  readonly save: () => Promise<void>
  readonly sent: Map<string, proto.IMessage>
  readonly groups: Map<string, GroupMetadata>
  socket: WASocket | null
}

// libsignal prints sessions with their private keys.
for (const level of ['info', 'warn', 'error', 'log'] as const) Reflect.set(console, level, () => undefined)

const nothing = (): void => undefined
const silentLog = {
  level: 'silent',
  child: () => silentLog,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
}
const setting = JSON.parse(process.argv[2] ?? '{}') as BotSetting
const restartRequired = 515
const state = {
  echo: true,
  online: true,
  arrivals: [] as (readonly [string, number])[],
  acks: new Map<string, () => void>(),
}

const say = (message: FromBot): void => void process.send?.(message)
const now = (): number => performance.timeOrigin + performance.now()

function memoryKeys(): SignalKeyStore {
  const rows = new Map<string, unknown>()
  return {
    get: (type, ids) => {
      const found: Record<string, never> = {}
      for (const id of ids) {
        const row = rows.get(`${type} ${id}`)
        if (row !== undefined) found[id] = row as never
      }
      return found
    },
    set: changes => {
      for (const [type, entries] of Object.entries(changes)) {
        for (const [id, value] of Object.entries(entries)) {
          if (value === null || value === undefined) rows.delete(`${type} ${id}`)
          else rows.set(`${type} ${id}`, value)
        }
      }
    },
  }
}

async function makeLogin(index: number): Promise<Login> {
  const rest = { index, sent: new Map(), groups: new Map(), socket: null }
  if (setting.folder === null) {
    return { ...rest, auth: { creds: initAuthCreds(), keys: memoryKeys() }, save: () => Promise.resolve() }
  }
  const { state: files, saveCreds } = await useMultiFileAuthState(join(setting.folder, String(index)))
  const keys = makeCacheableSignalKeyStore(files.keys, silentLog)
  return { ...rest, auth: { creds: files.creds, keys }, save: saveCreds }
}

function connect(login: Login): void {
  const socket = makeWASocket({
    waWebSocketUrl: setting.url,
    auth: login.auth,
    logger: silentLog,
    markOnlineOnConnect: false,
    syncFullHistory: false,
    cachedGroupMetadata: jid => Promise.resolve(login.groups.get(jid)),
    getMessage: ({ id }) => Promise.resolve(login.sent.get(id ?? '')),
  })
  login.socket = socket
  socket.ev.on('creds.update', update => {
    Object.assign(login.auth.creds, update)
    void login.save()
  })
  socket.ev.on('connection.update', ({ qr, connection, lastDisconnect }) => {
    if (qr !== undefined) say({ event: 'qr', index: login.index, qr })
    if (connection === 'open') say({ event: 'open', index: login.index })
    const { output } = (lastDisconnect?.error ?? {}) as { output?: { statusCode?: number } }
    if (connection === 'close' && state.online && output?.statusCode === restartRequired) connect(login)
  })
  socket.ws.on('CB:ack,class:message', ({ attrs }: { attrs: Record<string, string> }) =>
    state.acks.get(attrs['id'] ?? '')?.(),
  )
  socket.ev.on('messages.upsert', ({ messages }) => void hear(login, socket, messages))
}

async function hear(
  login: Login,
  socket: WASocket,
  messages: { key: { fromMe?: boolean | null; remoteJid?: string | null }; message?: proto.IMessage | null }[],
): Promise<void> {
  for (const { key, message } of messages) {
    const text = message?.conversation ?? message?.extendedTextMessage?.text
    const jid = key.remoteJid
    if (key.fromMe === true || !jid || !text) continue
    state.arrivals.push([text, now()])
    if (!state.echo) continue
    if (jid.endsWith('@g.us') && !login.groups.has(jid)) login.groups.set(jid, await socket.groupMetadata(jid))
    // A bot that a user writes has nothing better to do about a failure either; the bench counts what was not answered.
    const sent = await socket.sendMessage(jid, { text }).catch(() => undefined)
    if (sent?.key.id && sent.message) login.sent.set(sent.key.id, sent.message)
  }
}

async function sendMany(login: Login, jid: string, count: number): Promise<number[]> {
  const took: number[] = []
  for (let index = 0; index < count; index++) {
    const id = `3EB0BE7C${String(index).padStart(12, '0')}`
    const acked = new Promise<void>(resolve => state.acks.set(id, resolve))
    const startedAt = now()
    await login.socket?.sendMessage(jid, { text: `told ${index}` }, { messageId: id })
    await acked
    took.push(now() - startedAt)
  }
  return took
}

const logins = await Promise.all(Array.from({ length: setting.logins }, (_, index) => makeLogin(index)))
WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(setting.noiseRootKey, 'hex')

type Obey = { readonly [Name in BotOrder]: (input: BotOrders[Name]['input']) => Promise<BotOrders[Name]['output']> }

const obey: Obey = {
  connect: async one => {
    state.online = true
    logins.filter(({ index }) => one === null || index === one).forEach(connect)
    return null
  },
  disconnect: async () => {
    state.online = false
    for (const { socket } of logins) await socket?.end(undefined)
    return null
  },
  echo: async on => {
    state.echo = on
    return null
  },
  arrivals: async () => state.arrivals.splice(0),
  send: async ({ jid, count }) => {
    const [login] = logins
    return login ? sendMany(login, jid, count) : []
  },
}

process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', () => process.exit(0))
process.on('message', message => {
  const { id, order, input } = message as ToBot
  const work = obey[order] as (input: unknown) => Promise<unknown>
  work(input).then(
    output => say({ event: 'answer', id, output }),
    (error: unknown) => say({ event: 'failed', id, why: String(error) }),
  )
})
