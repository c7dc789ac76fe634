import {
  initAuthCreds,
  type AuthenticationCreds,
  type SignalDataSet,
  type SignalKeyStore,
} from '@whiskeysockets/baileys'

import type { DisconnectReason, PairingState } from '../../contract/connection.ts'
import type { QrTimes } from '../../contract/gateway-protocol.ts'
import type { Phone } from '../../contract/ids.ts'
import type { PasskeyOutcome } from '../../contract/passkey.ts'
import type { WebVersion } from '../../contract/web-version.ts'
import { COMMON_NAME, OWN_NAME, type Appearance } from '../connection/browser-name.ts'
import { requestCode } from './pairing-code.ts'
import type { Connection, ConnectionListener } from '../connection/socket.ts'
import { saidIn, verdictOn, type Closing } from '../connection/disconnect-policy.ts'
import { createPasskeyLink, type PasskeyLink } from './passkey-link.ts'
import type { PairingAttempt, PairingAttempts } from './pairing-attempts.ts'

/** What a pairing needs from its account. */
export type PairingPorts = {
  /** The number to link by a code; null: any phone that scans the QR code. */
  readonly phone: Phone | null
  readonly connect: (login: PendingLogin, shown: Shown, listener: ConnectionListener) => Connection
  readonly attempts: PairingAttempts
  readonly times: QrTimes
  readonly now: () => number
  readonly show: (state: PairingState) => void
  /**
   * The phone has accepted the code and the new login is complete. Makes the login durable, or throws; then the phone gets no
   * answer.
   */
  readonly paired: (login: PendingLogin) => void
  /** The paired connection is over: the first login may begin. */
  readonly finished: () => void
  /** The reason, and WhatsApp's words if WhatsApp ended the pairing. */
  readonly ended: (end: PairingEnd) => void
}

/** How a pairing failed. */
export type PairingEnd = { readonly reason: DisconnectReason } & Pick<Closing, 'said'>

/** How the client presents itself. */
export type Shown = { readonly appearance: Appearance; readonly version: WebVersion }

/** A login that no phone has accepted yet. It exists only in memory, so that it can replace nothing. */
export type PendingLogin = {
  readonly creds: AuthenticationCreds
  readonly keys: SignalKeyStore
  readonly held: SignalDataSet
}

/** A pairing under way. */
export type Pairing = {
  /** Shows no more codes and closes the connection. Nothing is reported afterwards. */
  readonly stop: () => Promise<void>
  /** Passes on the assertion with which a person answers the account's passkey request. */
  readonly answerPasskey: (assertion: string) => PasskeyOutcome
  /** Confirms that the phone shows the same code. Returns false when no code is being compared. */
  readonly confirmPasskey: () => boolean
}

/** WhatsApp closes the connection itself, with 515, as soon as the pairing is answered. */
const CLOSE_MS = 10_000

/** The mutable state of a pairing. */
type Life = {
  readonly ports: PairingPorts
  /**
   * A new one for each connection: what Baileys notes in it when it asks for a pairing code looks like a login to the next
   * connection.
   */
  login: PendingLogin
  connection: Connection | null
  /** The passkey exchange of this connection. It matters once WhatsApp has asked for a passkey. */
  passkey: PasskeyLink | null
  /** Withdraws the request to connect. */
  withdraw: () => void
  timer: NodeJS.Timeout | undefined
  over: boolean
  paired: boolean
  restarted: boolean
  /** Whether a code to type was requested on this connection. */
  isCodeAsked: boolean
}

/** Asks the server for codes and shows them until the phone accepts one or they run out. */
export function startPairing(ports: PairingPorts): Pairing {
  const life: Life = {
    ports,
    login: createPendingLogin(),
    connection: null,
    passkey: null,
    withdraw: () => undefined,
    timer: undefined,
    over: false,
    paired: false,
    restarted: false,
    isCodeAsked: false,
  }
  connect(life)
  return {
    stop: () => stop(life),
    answerPasskey: assertion => life.passkey?.answer(assertion) ?? { outcome: 'not_awaited' },
    confirmPasskey: () => life.passkey?.confirm() ?? false,
  }
}

async function stop(life: Life): Promise<void> {
  life.over = true
  clearTimeout(life.timer)
  life.withdraw()
  await life.connection?.end()
}

function end(life: Life, then: () => void): void {
  if (life.over) return
  void stop(life)
  then()
}

function wait(life: Life, waitMs: number, then: () => void): void {
  clearTimeout(life.timer)
  life.timer = setTimeout(then, waitMs)
}

/** Connects as soon as that is allowed, before all others: a person is waiting. */
function connect(life: Life, said: Pick<Closing, 'said'> = {}): void {
  life.withdraw = life.ports.attempts.wish({
    open: attempt => open(life, attempt),
    outdated: () => end(life, () => life.ports.ended({ reason: 'client_outdated', ...said })),
  })
}

function open(life: Life, attempt: PairingAttempt): void {
  const { ports } = life
  const login = (life.login = createPendingLogin())
  life.passkey = createPasskey(life, login)
  life.isCodeAsked = false
  const shown = { appearance: ports.phone === null ? OWN_NAME : COMMON_NAME, version: attempt.version }
  life.connection = ports.connect(login, shown, {
    closed: closing => closed(life, closing, attempt),
    offered: codes => {
      attempt.accepted()
      offered(life, codes)
    },
    passkeyWanted: stanza => life.passkey?.asked(stanza),
    passkeyContinued: stanza => life.passkey?.continued(stanza),
    opened: () => undefined,
    reported: event => {
      if (event === 'creds.update' && !life.paired && isAccepted(login)) accepted(life)
    },
  })
}

/** Handles WhatsApp's passkey requests on this connection. */
function createPasskey(life: Life, { creds }: PendingLogin): PasskeyLink {
  const { ports } = life
  return createPasskeyLink({
    creds,
    now: ports.now,
    query: async (...asked) => life.connection?.socket.query(...asked),
    show: (passkey, expiresAt) => {
      const reason = passkey.step === 'wanted' ? 'passkey_required' : 'passkey_refused'
      wait(life, expiresAt - ports.now(), () => end(life, () => ports.ended({ reason })))
      ports.show({ status: 'pending', passkey, expiresAt })
    },
    failed: reason => end(life, () => ports.ended({ reason })),
    isOver: () => life.over || life.paired || life.login.creds !== creds,
  })
}

const isPasskeyWanted = ({ passkey }: Life): boolean => passkey?.isWanted() ?? false

/** Whether the phone's signature over this device has come and was valid. The login has a number as soon as a code is requested. */
const isAccepted = ({ creds }: PendingLogin): boolean => creds.account !== undefined

function accepted(life: Life): void {
  const { ports, login } = life
  login.creds.pairingCode = undefined
  ports.paired(login)
  life.paired = true
  wait(life, CLOSE_MS, () => end(life, ports.finished))
}

function closed(life: Life, closing: Closing, attempt: PairingAttempt): void {
  const { ports } = life
  if (life.paired) return end(life, ports.finished)
  life.passkey = null
  const verdict = verdictOn(closing, { linked: false, restarted: life.restarted })
  if (verdict.next === 'outdated') {
    clearTimeout(life.timer)
    attempt.refused()
    return connect(life, saidIn(closing))
  }
  if (verdict.next !== 'restart') return end(life, () => ports.ended({ reason: verdict.reason, ...saidIn(closing) }))
  life.restarted = true
  connect(life)
}

/** The server offers to pair. */
function offered(life: Life, codes: readonly string[]): void {
  const { phone } = life.ports
  if (isPasskeyWanted(life)) return
  if (phone === null) showCode(life, codes, 0)
  else if (!life.isCodeAsked) void showPairingCode(life, phone, codes.length)
}

/** Shows one code after the other, each for its time. */
function showCode(life: Life, codes: readonly string[], index: number): void {
  const { times, now, show } = life.ports
  const qr = codes[index]
  if (qr === undefined) return runOut(life)
  const lastsMs = index === 0 ? times.firstMs : times.nextMs
  show({ status: 'pending', qr, expiresAt: now() + lastsMs })
  wait(life, lastsMs, () => showCode(life, codes, index + 1))
}

/** A phone that refuses an old client tells only its owner. */
function runOut(life: Life): void {
  const { attempts, ended } = life.ports
  end(life, () => ended({ reason: attempts.isOld() ? 'client_old' : 'pairing_ended' }))
}

/**
 * Shows the one code that a person types, for as long as the QR codes of this connection would have lasted. A second code would
 * replace it while it is typed.
 */
async function showPairingCode(life: Life, phone: Phone, refs: number): Promise<void> {
  life.isCodeAsked = true
  const { connection, ports } = life
  const lastsMs = ports.times.firstMs + (refs - 1) * ports.times.nextMs
  const expiresAt = ports.now() + lastsMs
  wait(life, lastsMs, () => runOut(life))
  if (!connection) return
  try {
    const pairingCode = await requestCode(connection, phone)
    if (life.over || isPasskeyWanted(life) || life.connection !== connection) return
    ports.show({ status: 'pending', pairingCode, expiresAt })
  } catch {
    if (life.connection === connection && !isPasskeyWanted(life))
      end(life, () => ports.ended({ reason: 'pairing_refused' }))
  }
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
