import {
  DEFAULT_CONNECTION_CONFIG,
  S_WHATSAPP_NET,
  buildPairingQRData,
  isJidStatusBroadcast,
  makeWASocket,
  proto,
  type AuthenticationState,
  type BaileysEventMap,
  type BinaryNode,
  type CacheStore,
  type GroupMetadata,
  type SignalRepositoryWithLIDStore,
  type WASocket,
} from '@whiskeysockets/baileys'
import type { Duplex } from 'node:stream'

import type { Log } from '../contract/host.ts'
import type { Chat } from '../contract/ids.ts'
import { OWN_NAME, type Appearance } from './appearance.ts'
import { createBaileysLog } from './baileys-log.ts'
import { closingOf } from './closing.ts'
import type { Closing } from './disconnect.ts'
import type { FileFault } from './fuse.ts'
import { chatOfJid } from './identity.ts'

/** What a connection is made with, besides the login. */
export type ConnectionSettings = {
  /** Null: WhatsApp itself. */
  readonly url: string | null
  readonly log: Log
  readonly keepAliveMs: number
  readonly appearance: Appearance
  /** The bytes of a message of ours that a recipient in that chat could not read; null when they are no longer kept. */
  readonly sent: (stanzaId: string, chat: Chat) => Uint8Array | null
  readonly cachedGroup: (jid: string) => GroupMetadata | undefined
  readonly retryCounts: CacheStore
  /** The server has said something that only it can have said. */
  readonly heard: () => void
  /** How what comes and goes is made durable; null while nothing is linked. */
  readonly durability: Durability | null
}

type RepositoryParts = Parameters<typeof DEFAULT_CONNECTION_CONFIG.makeSignalRepository>

/** Where a connection makes sure that nothing is answered for before it is kept. */
export type Durability = {
  /** Keeps a `<message>` before Baileys hears of it. @throws when it cannot be kept: then Baileys never does. */
  readonly arrived: (stanza: BinaryNode) => void
  /** The same for a `<notification>` or a `<call>`. */
  readonly noticed: (stanza: BinaryNode) => void
  /** A device could not read what we wrote. */
  readonly askedAgain: (jid: string) => void
  /** The answer to a query, as Baileys is to see it. */
  readonly answered: (answer: BinaryNode) => BinaryNode
  readonly repository: (...parts: RepositoryParts) => SignalRepositoryWithLIDStore
}

/** What a connection tells. Nothing more after `closed`, and nothing at all after {@link Connection.end}. */
export type ConnectionListener = {
  /** The server offers to pair: one QR text for each of its refs. */
  readonly offered?: (codes: string[]) => void
  /** Before it links a device, in whichever way, the account wants to be shown a passkey. */
  readonly passkeyWanted?: () => void
  readonly opened: () => void
  readonly closed: (closing: Closing) => void
  /** An event of Baileys, when it happens: its buffer would hold it back for up to 30 s and drop it with the socket. */
  readonly reported: <Name extends keyof BaileysEventMap>(event: Name, payload: BaileysEventMap[Name]) => void
}

/** One socket to WhatsApp, from its opening to its end; never reused. */
export type Connection = {
  readonly socket: WASocket
  readonly isOpen: () => boolean
  /** Cuts the line at once: no byte leaves any more, and what was not answered for comes again over the next one. */
  readonly cut: (fault: FileFault) => void
  /** Gives the line up, as if it had been lost. */
  readonly drop: () => void
  /** Closes the line, politely within a second and else by force. The listener hears nothing of it. */
  readonly end: () => Promise<void>
  /** @throws when the server did not answer in time. */
  readonly ping: (timeoutMs: number) => Promise<void>
}

/** It comes instead of the pairing, and no more follows (seen by others: whatsmeow #1185, Baileys #2672). */
const PASSKEY_WANTED = 'CB:notification,type:passkey_prologue_request'
const POLITE_MS = 1_000
/** Longer than any pairing: the rotation of codes is ours (pairing.ts), so that their expiry is known. */
const NEVER_MS = 2 ** 31 - 1

/** What the server says to a device that is linked to nobody. */
function hearPairing({ ws }: WASocket, listener: ConnectionListener, { creds }: AuthenticationState): void {
  ws.on('CB:iq,type:set,pair-device', (stanza: BinaryNode) => listener.offered?.(codesOf(stanza, creds)))
  ws.on(PASSKEY_WANTED, () => listener.passkeyWanted?.())
}

/** Opens a connection with this login. */
export function openConnection(
  auth: AuthenticationState,
  settings: ConnectionSettings,
  listener: ConnectionListener,
): Connection {
  const line = createLine()
  const socket = makeWASocket({ ...socketConfig(settings, line), auth })
  const life: Life = { ended: false, open: false, attested: false, fault: null }
  const told: ConnectionListener = {
    ...listener,
    opened: () => {
      life.open = true
      listener.opened()
    },
    closed: closing => {
      if (life.ended) return
      Object.assign(life, { ended: true, open: false })
      listener.closed(life.fault ? { ...closing, cause: life.fault } : closing)
    },
  }
  if (settings.durability) keepStanzas(socket, settings.durability, life)
  socket.ws.on('upgrade', ({ socket: stream }: { socket: Duplex }) => line.use(stream))
  listen(socket, settings, life)
  hearPairing(socket, listener, auth)
  tap(socket, told, life)
  return {
    socket,
    isOpen: () => life.open,
    cut: fault => {
      if (life.ended || life.fault) return
      Object.assign(life, { fault, open: false })
      if (!line.cut()) void socket.end(new Error('the file failed'))
    },
    drop: () => void line.cut(),
    ping: async timeoutMs => {
      const attrs = { to: S_WHATSAPP_NET, type: 'get', xmlns: 'w:p' }
      const answer: unknown = await socket.query({ tag: 'iq', attrs, content: [{ tag: 'ping', attrs: {} }] }, timeoutMs)
      if (!answer) throw new Error('no answer')
    },
    end: async () => {
      Object.assign(life, { ended: true, open: false })
      await socket.end(undefined)
    },
  }
}

/** All that changes about a connection. */
type Life = { ended: boolean; open: boolean; attested: boolean; fault: FileFault | null }

/** Until the handshake holds, frames are bytes that anybody may have written. */
function listen(socket: WASocket, { heard }: Pick<ConnectionSettings, 'heard'>, life: Life): void {
  socket.ws.on('frame', (frame: unknown) => {
    if (frame instanceof Uint8Array) return
    life.attested = true
    heard()
  })
}

/** Stands before all of Baileys' listeners: a cut line brings nothing more, and a stanza that was not kept never came. */
function keepStanzas(socket: WASocket, durability: Durability, life: Life): void {
  const { arrived, noticed, answered, askedAgain } = durability
  const emit = socket.ws.emit.bind(socket.ws)
  socket.ws.emit = (event: string | symbol, ...parts: unknown[]) => {
    if (life.fault && typeof event === 'string' && /^(CB|TAG):/.test(event)) return true
    if (typeof event === 'string' && event.startsWith('TAG:')) return emit(event, answered(parts[0] as BinaryNode))
    if (event === 'CB:receipt') noteRetry(parts[0] as BinaryNode, askedAgain)
    const stanza = parts[0] as BinaryNode
    if (event === 'CB:notification' || event === 'CB:call') return !isKept(noticed, stanza) || emit(event, stanza)
    if (event !== 'CB:message') return emit(event, ...parts)
    if (isJidStatusBroadcast(stanza.attrs['from'] ?? '')) {
      dismiss(socket, stanza)
      return true
    }
    return !isKept(arrived, stanza) || emit(event, inLine(stanza))
  }
}

/** What could not be kept nobody hears of, so that nobody answers for it. */
function isKept(keep: (stanza: BinaryNode) => void, stanza: BinaryNode): boolean {
  try {
    keep(stanza)
    return true
  } catch {
    return false
  }
}

function noteRetry({ attrs }: BinaryNode, askedAgain: Durability['askedAgain']): void {
  const asking = attrs['participant'] ?? attrs['from']
  if (attrs['type'] === 'retry' && asking !== undefined) askedAgain(asking)
}

/**
 * Marked as one that waited: Baileys handles those one after the other in the order in which they came, and lets a live
 * one overtake them, in its own chat too.
 */
const inLine = (stanza: BinaryNode): BinaryNode => ({ ...stanza, attrs: { offline: '0', ...stanza.attrs } })

/**
 * A status is nobody's message. It is acknowledged and not handled: Baileys refuses the one it cannot decrypt, and a
 * refused one holds up all that waits behind it.
 */
function dismiss(socket: WASocket, status: BinaryNode): void {
  socket.sendMessageAck(status).catch(() => undefined)
}

/** Hears every event before Baileys' buffer does, and the end of the connection. */
function tap(socket: WASocket, listener: ConnectionListener, life: Life): void {
  const emit = socket.ev.emit.bind(socket.ev)
  socket.ev.emit = (event, payload) => {
    try {
      return emit(event, payload)
    } finally {
      if (event === 'connection.update') {
        const { connection, lastDisconnect, reachoutTimeLock } = payload as BaileysEventMap['connection.update']
        if (reachoutTimeLock && !life.ended) listener.reported(event, payload)
        if (connection === 'open' && !life.ended) listener.opened()
        if (connection === 'close') listener.closed(closingOf(lastDisconnect?.error, life.attested))
      } else if (!life.ended) {
        listener.reported(event, payload)
      }
    }
  }
}

type Line = {
  readonly use: (stream: Duplex) => void
  /** False when there is no line yet. */
  readonly cut: () => boolean
  readonly cutSoon: () => void
}

/** The stream below the WebSocket: a peer that does not answer a close would hold Baileys' end up for 30 s. */
function createLine(): Line {
  let stream: Duplex | null = null
  return {
    use: opened => (stream = opened),
    cut: () => stream?.destroy() !== undefined,
    cutSoon: () => {
      setTimeout(() => stream?.destroy(), POLITE_MS).unref()
    },
  }
}

function socketConfig(settings: ConnectionSettings, line: Line) {
  const { makeSignalRepository, waWebSocketUrl } = DEFAULT_CONNECTION_CONFIG
  return {
    waWebSocketUrl: settings.url ?? waWebSocketUrl,
    browser: settings.appearance,
    logger: createBaileysLog(settings.log),
    keepAliveIntervalMs: settings.keepAliveMs,
    qrTimeout: NEVER_MS,
    markOnlineOnConnect: false,
    syncFullHistory: false,
    generateHighQualityLinkPreview: false,
    // A commit that fails has cut the line: the next connection tries again.
    transactionOpts: { maxCommitRetries: 1, delayBetweenTriesMs: 0 },
    // Baileys waits that long after each retry receipt, and holds every other message back meanwhile.
    retryRequestDelayMs: 0,
    msgRetryCounterCache: settings.retryCounts,
    getMessage: ({ id, remoteJid }: { id?: string | null; remoteJid?: string | null }) => {
      const chat = chatOfJid(remoteJid ?? '')
      const bytes = id && chat ? settings.sent(id, chat) : null
      return Promise.resolve(bytes ? proto.Message.decode(bytes) : undefined)
    },
    cachedGroupMetadata: (jid: string) => Promise.resolve(settings.cachedGroup(jid)),
    makeSignalRepository: (...parts: RepositoryParts) => {
      const repository = (settings.durability?.repository ?? makeSignalRepository)(...parts)
      const close = repository.close?.bind(repository)
      // Baileys closes the repository as the first step of every end.
      return Object.assign(repository, {
        close: () => {
          line.cutSoon()
          close?.()
        },
      })
    },
  }
}

/** The QR text of each ref of a `<pair-device>`, made by Baileys as its own rotation would. */
function codesOf(stanza: BinaryNode, creds: AuthenticationState['creds']): string[] {
  const [offer] = Array.isArray(stanza.content) ? stanza.content : []
  const children = Array.isArray(offer?.content) ? offer.content : []
  const base64 = (key: Uint8Array): string => Buffer.from(key).toString('base64')
  const keys = [base64(creds.noiseKey.public), base64(creds.signedIdentityKey.public), creds.advSecretKey] as const
  return children.flatMap(({ tag, content }) =>
    tag === 'ref' && content instanceof Uint8Array
      ? [buildPairingQRData(Buffer.from(content).toString('utf8'), ...keys, OWN_NAME)]
      : [],
  )
}
