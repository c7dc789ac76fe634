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

/** What an account needs of the process around it. */
export type AccountPorts = OpenAccountPorts & {
  /** Common to all accounts of the process. */
  readonly pairingAttempts: PairingAttempts
  /** Resolves when it is this account's round to be opened. */
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
  /** By a code for this number, or by QR when it is null. */
  readonly startPairing: (session: string, phone: Phone | null) => Promise<void>
  readonly stopPairing: (session: string) => Promise<void>
  /** What a person answers to the passkey that their account wants. */
  readonly answerPasskey: (session: string, assertion: string) => PasskeyOutcome
  /** The phone shows the code that this pairing shows; false when none is compared. */
  readonly confirmPasskey: (session: string) => boolean
  /** The account as far as its file goes. @throws ChannelError when it is not open, or stopped because of its file. */
  readonly file: () => OpenAccount
  /** The account as one that a phone is linked to. @throws ChannelError when none is, or when it has stopped. */
  readonly linked: () => OpenAccount
}

type PairingUnderWay = { readonly session: string; readonly pairing: Pairing }

/** What is held while the account is open, or why it cannot be. */
type Held = { readonly store: SessionStore; readonly account: OpenAccount } | { readonly fault: StoreFault }

const UNLINK_MS = 5_000
const BUSY_TRIES = 20
const BUSY_PAUSE_MS = 250
const CLOSED: ConnectionState = { status: 'not_configured' }

/** All that changes about an account. */
type Life = {
  readonly ports: AccountPorts
  held: Held | null
  state: ConnectionState
  underWay: PairingUnderWay | null
}

/** Makes the account; its file is not touched before it is opened. Its operations run one after the other. */
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

/** Tells the pairing's last state, once. */
function endPairing(life: Life, final: PairingState): void {
  const ended = life.underWay
  life.underWay = null
  if (ended) life.ports.pairing(ended.session, final)
}

const pairingOf = ({ underWay }: Life, session: string): Pairing | null =>
  underWay?.session === session ? underWay.pairing : null

function current({ held }: Life): Exclude<Held, { fault: StoreFault }> {
  // Only configured accounts are asked about here: this one is about to be opened, as each is after a start.
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
  // What was not handed over before is handed over before anything new arrives.
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

/** Whether a phone has accepted the login: from then on a pairing has nothing more to show. */
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

/** Another gateway may be ending right now: its lock is waited for, but not for long. */
async function openWhenFree(place: StorePlace): Promise<SessionStore | StoreFault> {
  for (let tries = 1; ; tries++) {
    const opened = openSessionStore(place)
    if (!('reason' in opened) || opened.reason !== 'busy' || tries === BUSY_TRIES) return opened
    await pause(BUSY_PAUSE_MS)
  }
}

/** Removes this device at WhatsApp, when it can be asked. The server may answer by closing the connection with 401. */
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
