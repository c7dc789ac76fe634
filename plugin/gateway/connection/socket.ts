import {
  S_WHATSAPP_NET,
  makeWASocket,
  type AuthenticationState,
  type BinaryNode,
  type BaileysEventMap,
  type WASocket,
} from '@whiskeysockets/baileys'
import type { Duplex } from 'node:stream'

import { hearExpiration } from '../login/client-expiration.ts'
import { closingOf } from './close-reason.ts'
import type { Closing } from './disconnect-policy.ts'
import type { FileFault } from '../storage-guard.ts'
import { answerStanzas, keepStanzas } from './inbound-stanzas.ts'
import { serverEndOf, tame, type ServerEnd } from './server-end.ts'
import { createLine, type Line } from './socket-stream.ts'
import { hearPairing, type PairingListener } from './pairing-offer.ts'
import { withRouting } from './edge-routing.ts'
import { screenStanzas } from '../stanzas/screening.ts'
import { boundSync } from '../stanzas/sync-rounds.ts'
import { socketConfig, type ConnectionSettings } from './socket-config.ts'

/** What a connection reports. Nothing follows `closed`, and nothing at all follows {@link Connection.end}. */
export type ConnectionListener = PairingListener & {
  readonly opened: () => void
  readonly closed: (closing: Closing) => void
  /** Until when WhatsApp accepts this version of the client, in ms UTC; null: WhatsApp withdrew the date. */
  readonly expires?: (at: number | null) => void
  /** An event of Baileys, when it happens. Baileys' buffer would hold it back for up to 30 s and drop it with the socket. */
  readonly reported: <Name extends keyof BaileysEventMap>(event: Name, payload: BaileysEventMap[Name]) => void
}

/** One socket to WhatsApp, from its opening to its end; never reused. */
export type Connection = {
  readonly socket: WASocket
  readonly isOpen: () => boolean
  /** Cuts the connection at once: no more bytes are sent, and what was not acknowledged is delivered again over the next one. */
  readonly cut: (fault: FileFault) => void
  /** Drops the connection as if it had been lost. */
  readonly drop: () => void
  /** Closes the connection, politely within a second and else by force. The listener is not called. */
  readonly end: () => Promise<void>
  /** @throws when the server did not answer in time. */
  readonly ping: (timeoutMs: number) => Promise<void>
}

/** Opens a connection with this login. */
export function openConnection(
  auth: AuthenticationState,
  settings: ConnectionSettings,
  listener: ConnectionListener,
): Connection {
  const line = createLine()
  const socket = openSocket(auth, settings, line)
  const life: Life = { ended: false, open: false, attested: false, serverEnd: null, fault: null }
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
  settings.trace?.began()
  answerStanzas(socket, stanza => hear(stanza, settings, life), life)
  socket.ws.on('upgrade', ({ socket: stream }: { socket: Duplex }) => line.use(stream))
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
    ping: timeoutMs => ping(socket, timeoutMs),
    end: async () => {
      Object.assign(life, { ended: true, open: false })
      await socket.end(undefined)
    },
  }
}

function openSocket(auth: AuthenticationState, settings: ConnectionSettings, line: Line): WASocket {
  const socket = withRouting(auth.creds, settings.isRouted(), () =>
    makeWASocket({ ...socketConfig(settings, line, auth.creds), auth }),
  )
  screenStanzas(socket, auth, settings.log)
  boundSync(socket.authState.keys)
  return socket
}

async function ping(socket: WASocket, timeoutMs: number): Promise<void> {
  const attrs = { to: S_WHATSAPP_NET, type: 'get', xmlns: 'w:p' }
  const answer: unknown = await socket.query({ tag: 'iq', attrs, content: [{ tag: 'ping', attrs: {} }] }, timeoutMs)
  if (!answer) throw new Error('no answer')
}

/** The mutable state of a connection. */
type Life = {
  ended: boolean
  open: boolean
  attested: boolean
  serverEnd: ServerEnd | null
  fault: FileFault | null
}

/** Once the handshake has held, only WhatsApp can have sent a stanza. */
function hear(stanza: BinaryNode, { heard, trace }: Pick<ConnectionSettings, 'heard' | 'trace'>, life: Life): void {
  trace?.came(stanza)
  life.attested = true
  hearEnd(stanza, life)
  heard(stanza)
}

/** The server's last stanza tells how the connection ended. Baileys gets only as much of it as it can handle. */
function hearEnd(frame: BinaryNode, life: Life): void {
  const serverEnd = serverEndOf(frame)
  if (!serverEnd) return
  life.serverEnd ??= serverEnd
  tame(frame)
}

/** Listens to every event before Baileys buffers it, and to the end of the connection. */
function tap(socket: WASocket, listener: ConnectionListener, life: Life): void {
  hearExpiration(socket, at => {
    if (!life.ended) listener.expires?.(at)
  })
  const emit = socket.ev.emit.bind(socket.ev)
  socket.ev.emit = (event, payload) => {
    try {
      return emit(event, payload)
    } finally {
      if (event === 'connection.update') {
        const { connection, lastDisconnect, reachoutTimeLock } = payload as BaileysEventMap['connection.update']
        if (reachoutTimeLock && !life.ended) listener.reported(event, payload)
        if (connection === 'open' && !life.ended) listener.opened()
        if (connection === 'close') listener.closed(closingOf(lastDisconnect?.error, life))
      } else if (!life.ended) {
        listener.reported(event, payload)
      }
    }
  }
}
