import {
  initAuthCreds,
  type AuthenticationCreds,
  type SignalDataSet,
  type SignalKeyStore,
} from '@whiskeysockets/baileys'

import type { DisconnectReason, PairingState } from '../contract/connection.ts'
import type { QrTimes } from '../contract/gateway-protocol.ts'
import type { ConnectPace } from './connect-pace.ts'
import type { Connection, ConnectionListener } from './connection.ts'
import { verdictOn, type Closing } from './disconnect.ts'

/** What a pairing needs of its account. */
export type PairingPorts = {
  readonly connect: (login: PendingLogin, listener: ConnectionListener) => Connection
  readonly pace: Pick<ConnectPace, 'first'>
  readonly times: QrTimes
  readonly now: () => number
  readonly show: (state: PairingState) => void
  /** The phone has scanned and the new login is whole: makes it durable, or throws, and then it is not answered for. */
  readonly paired: (login: PendingLogin) => void
  /** The paired connection is over: the first login may be made. */
  readonly finished: () => void
  readonly ended: (reason: DisconnectReason) => void
}

/** A login that no phone has accepted yet: it lives in memory, so that it can replace nothing. */
export type PendingLogin = {
  readonly creds: AuthenticationCreds
  readonly keys: SignalKeyStore
  readonly held: SignalDataSet
}

/** A pairing under way. */
export type Pairing = {
  /** Shows no more codes and closes the line; nothing is told after it. */
  readonly stop: () => Promise<void>
}

/** WhatsApp closes the line itself, with 515, as soon as the pairing is answered for. */
const CLOSE_MS = 10_000

/** Asks the server for codes and shows them until one is scanned or they run out. */
export function startPairing(ports: PairingPorts): Pairing {
  const login = createPendingLogin()
  const state = { over: false, paired: false, restarted: false }
  let disconnect = (): Promise<void> => Promise.resolve()
  let timer: NodeJS.Timeout | undefined

  const stop = async (): Promise<void> => {
    state.over = true
    clearTimeout(timer)
    await disconnect()
  }
  const end = (then: () => void): void => {
    if (state.over) return
    void stop()
    then()
  }
  const wait = (waitMs: number, then: () => void): void => {
    clearTimeout(timer)
    timer = setTimeout(then, waitMs)
  }
  const accepted = (): void => {
    ports.paired(login)
    state.paired = true
    wait(CLOSE_MS, () => end(ports.finished))
  }
  const closed = (closing: Closing): void => {
    if (state.paired) return end(ports.finished)
    const verdict = verdictOn(closing, { linked: false, restarted: state.restarted })
    if (verdict.next !== 'restart') return end(() => ports.ended(verdict.reason))
    state.restarted = true
    connect()
  }
  const connect = (): void => {
    disconnect = connectFirst(ports, login, {
      closed,
      offered: codes => showCodes(codes, { ...ports, wait, ranOut: () => end(() => ports.ended('pairing_ended')) }),
      opened: () => undefined,
      reported: event => {
        if (event === 'creds.update' && !state.paired && login.creds.me) accepted()
      },
    })
  }
  connect()
  return { stop }
}

/** Connects when it may, before all others: a person waits. What it answers ends the connection, or the wish for it. */
function connectFirst(ports: PairingPorts, login: PendingLogin, listener: ConnectionListener): () => Promise<void> {
  let connection: Connection | null = null
  const withdraw = ports.pace.first(() => {
    connection = ports.connect(login, listener)
  })
  return async () => {
    withdraw()
    await connection?.end()
  }
}

type CodePorts = Pick<PairingPorts, 'times' | 'now' | 'show'> & {
  readonly wait: (waitMs: number, then: () => void) => void
  readonly ranOut: () => void
}

/** One code after the other, each for its time. */
function showCodes(codes: readonly string[], { times, now, show, wait, ranOut }: CodePorts): void {
  const showFrom = (index: number): void => {
    const qr = codes[index]
    if (qr === undefined) return ranOut()
    const lastsMs = index === 0 ? times.firstMs : times.nextMs
    show({ status: 'pending', qr, expiresAt: now() + lastsMs })
    wait(lastsMs, () => showFrom(index + 1))
  }
  showFrom(0)
}

function createPendingLogin(): PendingLogin {
  const held: Record<string, Record<string, unknown>> = {}
  const keys: SignalKeyStore = {
    get: (type, ids) => {
      const known = held[type] ?? {}
      return Object.fromEntries(ids.filter(id => known[id]).map(id => [id, known[id]])) as never
    },
    set: changes => {
      for (const [type, entries] of Object.entries(changes)) held[type] = { ...held[type], ...entries }
    },
  }
  return { creds: initAuthCreds(), keys, held: held as SignalDataSet }
}
