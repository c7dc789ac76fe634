import { setTimeout as pause } from 'node:timers/promises'
import { S_WHATSAPP_NET } from '@whiskeysockets/baileys'

import { KeyedMutex } from '../../base/keyed-mutex.ts'
import type { ConnectionState, PairingState } from '../../contract/connection.ts'
import { ChannelError } from '../../contract/errors/errors.ts'
import { unreachable } from '../../contract/errors/unreachable.ts'
import type { QrTimes } from '../../contract/gateway-protocol.ts'
import { accountId, type Phone } from '../../contract/ids.ts'
import type { PasskeyOutcome } from '../../contract/passkey.ts'
import { saidIn } from '../connection/disconnect-policy.ts'
import { openAccount, type OpenAccount, type OpenAccountPorts } from './open-account.ts'
import type { PairingAttempts } from '../pairing/pairing-attempts.ts'
import { startPairing, type Pairing } from '../pairing/pairing.ts'
import {
  discardStore,
  openSessionStore,
  type SessionStore,
  type StoreFault,
  type StorePlace,
} from '../state/session-store.ts'

/** What an account gets from the process. */
export type AccountPorts = OpenAccountPorts & {
  /** Shared by all accounts of the process. */
  readonly pairingAttempts: PairingAttempts
  /** Resolves when it is this account's turn to open. */
  readonly nextRound: () => Promise<void>
  readonly place: StorePlace
  readonly qrTimes: QrTimes
  readonly pairing: (session: string, state: PairingState) => void
}

/** One linked account of one org, from the first command about it to the end of the process. */
export type Account = {
  readonly open: () => Promise<ConnectionState>
  readonly close: () => Promise<void>
  readonly unlink: () => Promise<boolean>
  /** Pairs by a code for this number, or by QR when `phone` is null. */
  readonly startPairing: (session: string, phone: Phone | null) => Promise<void>
  readonly stopPairing: (session: string) => Promise<void>
  /** Passes on the assertion with which a person answers the account's passkey request. */
  readonly answerPasskey: (session: string, assertion: string) => PasskeyOutcome
  /** Confirms that the phone shows the same code as this pairing. Returns false when no code is being compared. */
  readonly confirmPasskey: (session: string) => boolean
  /** The open account, linked or not. @throws ChannelError when it is not open, or stopped because of its file. */
  readonly file: () => OpenAccount
  /** The account, if a phone is linked to it. @throws ChannelError when none is linked, or when the account has stopped. */
  readonly linked: () => OpenAccount
}

type PairingUnderWay = { readonly session: string; readonly pairing: Pairing }

/** What the account holds while it is open, or the fault that keeps it from opening. */
type Held = { readonly store: SessionStore; readonly account: OpenAccount } | { readonly fault: StoreFault }

const UNLINK_MS = 5_000
const BUSY_TRIES = 20
const BUSY_PAUSE_MS = 250
const CLOSED: ConnectionState = { status: 'not_configured' }

/** The mutable state of an account. */
type Life = {
  readonly ports: AccountPorts
  held: Held | null
  state: ConnectionState
  underWay: PairingUnderWay | null
}

/** Creates the account. Its file is not touched before it is opened. Operations run one at a time. */
export function createAccount(ports: AccountPorts): Account {
  const life: Life = { ports, held: null, state: CLOSED, underWay: null }
  const mutex = new KeyedMutex()
  const oneByOne = <Result>(work: () => Promise<Result>): Promise<Result> => mutex.run(accountId(ports.place.key), work)
  return {
    open: () => {
      const askedAt = ports.now()
      return oneByOne(() => open(life, askedAt))
    },
    close: () => oneByOne(() => close(life)),
    unlink: () => oneByOne(() => unlink(life)),
    startPairing: (session, phone) => oneByOne(() => beginPairing(life, session, phone)),
    stopPairing: session => oneByOne(() => stopPairing(life, session)),
    answerPasskey: (session, assertion) =>
      pairingOf(life, session)?.answerPasskey(assertion) ?? { outcome: 'not_awaited' },
    confirmPasskey: session => pairingOf(life, session)?.confirmPasskey() ?? false,
    file: () => current(life).account,
    linked: () => {
      const { account } = current(life)
      const { status } = life.state
      if (status === 'stopped') throw new ChannelError('account_stopped')
      if (status === 'not_paired' || status === 'pairing') throw new ChannelError('not_paired')
      return account
    },
  }
}

function report(life: Life, state: ConnectionState): void {
  life.state = state
  life.ports.report(state)
  if (state.status === 'connected') endPairing(life, { status: 'connected', phone: state.phone })
  if (state.status === 'stopped') endPairing(life, { status: 'expired', reason: state.reason, ...saidIn(state) })
}

/** Reports the pairing's last state, once. */
function endPairing(life: Life, final: PairingState): void {
  const ended = life.underWay
  life.underWay = null
  if (ended) life.ports.pairing(ended.session, final)
}

const pairingOf = ({ underWay }: Life, session: string): Pairing | null =>
  underWay?.session === session ? underWay.pairing : null

function current({ held }: Life): Exclude<Held, { fault: StoreFault }> {
  // Commands reach only configured accounts, and each of those is opened after a start: this one is about to open.
  if (!held) throw unreachable('account_opening')
  if ('fault' in held) throw new ChannelError('account_stopped', held.fault.detail)
  return held
}

async function open(life: Life, askedAt: number): Promise<ConnectionState> {
  if (life.held && !('fault' in life.held)) return life.state
  const { ports } = life
  ports.pairingAttempts.again()
  await ports.nextRound()
  const opened = await openWhenFree(ports.place)
  if ('reason' in opened) {
    life.held = { fault: opened }
    const reason = opened.reason === 'busy' ? 'replaced' : opened.reason
    report(life, { status: 'stopped', reason, permanent: true, detail: opened.detail })
    return life.state
  }
  await ports.nextRound()
  const account = openAccount(opened, { ...ports, report: state => report(life, state) })
  life.held = { store: opened, account }
  if (account.hasLogin()) await account.recover()
  // Entries left from before are handed over before anything new arrives.
  if (account.journal.head() > 0) ports.grown(account.journal.head())
  if (account.hasLogin()) account.link.start(askedAt)
  else report(life, { status: 'not_paired', reason: null })
  return life.state
}

async function close(life: Life): Promise<void> {
  const was = life.held
  await cancelPairing(life)
  life.held = null
  life.state = CLOSED
  if (!was || 'fault' in was) return
  await was.account.link.stop()
  was.store.close()
}

async function unlink(life: Life): Promise<boolean> {
  if (life.held && 'fault' in life.held) {
    discardStore(life.ports.place, life.held.fault)
    life.held = null
    report(life, { status: 'not_paired', reason: null })
    return false
  }
  const { store, account } = current(life)
  await cancelPairing(life)
  const unlinked = await removeDevice(account, () => life.state)
  await account.link.stop()
  life.held = null
  store.destroy()
  report(life, { status: 'not_paired', reason: null })
  return unlinked
}

/** Whether a phone has accepted the login. From then on a pairing has nothing more to show. */
function isLinked({ state }: Life): boolean {
  return ['connecting', 'connected', 'waiting', 'degraded'].includes(state.status)
}

async function beginPairing(life: Life, session: string, phone: Phone | null): Promise<void> {
  const { account } = current(life)
  if (isLinked(life)) throw new ChannelError('already_connected')
  await cancelPairing(life)
  const { ports } = life
  report(life, { status: 'pairing' })
  const pairing = startPairing({
    phone,
    attempts: ports.pairingAttempts,
    times: ports.qrTimes,
    now: ports.now,
    show: shown => ports.pairing(session, shown),
    connect: account.connect,
    paired: login => {
      account.adopt(login)
      report(life, { status: 'connecting' })
    },
    finished: account.link.startFirst,
    ended: end => {
      endPairing(life, { status: 'expired', ...end })
      report(life, { status: 'not_paired', ...end })
    },
  })
  life.underWay = { session, pairing }
}

async function stopPairing(life: Life, session: string): Promise<void> {
  if (life.underWay?.session !== session || isLinked(life)) return
  await cancelPairing(life)
  report(life, { status: 'not_paired', reason: 'pairing_ended' })
}

async function cancelPairing(life: Life): Promise<void> {
  const pairing = life.underWay?.pairing
  endPairing(life, { status: 'expired', reason: 'pairing_ended' })
  await pairing?.stop()
}

/** Another gateway may be ending right now and still hold the lock: retries, but not for long. */
async function openWhenFree(place: StorePlace): Promise<SessionStore | StoreFault> {
  for (let tries = 1; ; tries++) {
    const opened = openSessionStore(place)
    if (!('reason' in opened) || opened.reason !== 'busy' || tries === BUSY_TRIES) return opened
    await pause(BUSY_PAUSE_MS)
  }
}

/** Removes this device at WhatsApp if the connection is open. The server may answer by closing the connection with 401. */
async function removeDevice({ link }: OpenAccount, state: () => ConnectionState): Promise<boolean> {
  const connection = link.connection()
  const jid = connection?.socket.user?.id
  const isGone = (): boolean => {
    const now = state()
    return now.status === 'stopped' && now.reason === 'logged_out'
  }
  if (!connection?.isOpen() || !jid) return isGone()
  const attrs = { to: S_WHATSAPP_NET, type: 'set', xmlns: 'md' }
  const removal = { tag: 'remove-companion-device', attrs: { jid, reason: 'user_initiated' } }
  const answer: unknown = await connection.socket
    .query({ tag: 'iq', attrs, content: [removal] }, UNLINK_MS)
    .catch(() => undefined)
  return answer !== undefined || isGone()
}
