import { STEADY_MS, type Backoff } from '../../base/backoff.ts'
import type { ConnectionState, DisconnectReason } from '../../contract/connection.ts'
import type { WebVersion } from '../../contract/web-version.ts'
import type { ConnectPace } from '../login/connect-limiter.ts'
import type { Connection, ConnectionListener } from './socket.ts'
import { saidIn, verdictOn, type Closing } from './disconnect-policy.ts'
import type { LoginAttempt, LoginAttempts, LoginWish } from '../login/login-attempts.ts'

/** What a link hears of its connection; `stalled`: part of what waited does not come on it, or does again. */
export type LinkListener = Pick<ConnectionListener, 'opened' | 'closed' | 'expires'> & {
  readonly stalled: (isStalled: boolean) => void
}

/** What a link needs of its account. */
export type LinkPorts = {
  /** Opens one connection with the account's login, which announces this version. */
  readonly connect: (version: WebVersion, listener: LinkListener) => Connection
  readonly attempts: LoginAttempts
  /** What a person can do when WhatsApp takes no version that we have. */
  readonly outdatedDetail: string
  /** Until when WhatsApp takes this version, as it tells this account: ms UTC; null: that was taken back. */
  readonly expires: (version: WebVersion, at: number | null) => void
  readonly backoff: Backoff
  readonly now: () => number
  readonly report: (state: ConnectionState) => void
  /** The connection is open: what the account then says of itself. */
  readonly opened: (isStalled: boolean) => ConnectionState
}

/** Keeps a linked account connected: one connection at a time, a new one whenever the table says so. */
export type Link = {
  /** Connects when it is its turn, unless it has already begun; asked for at an instant, in ms UTC. */
  readonly start: (askedAt: number) => void
  /** The same, before others: a person has just paired it. */
  readonly startFirst: () => void
  /** Disconnects and stays so until the next start. */
  readonly stop: () => Promise<void>
  readonly connection: () => Connection | null
}

/** The longest wait that a timer can hold. */
const TIMER_MS = 2 ** 31 - 1

type Lost = { readonly reason: DisconnectReason } & Pick<Closing, 'said'>

/** All that changes about a link. */
type Life = {
  readonly ports: LinkPorts
  connection: Connection | null
  /** What the connection is, as far as its version goes. */
  attempt: LoginAttempt | null
  /** The next attempt. */
  timer: NodeJS.Timeout | undefined
  /** Takes back the wish to connect. */
  withdraw: () => void
  openedAt: number | null
  isStalled: boolean
  /** Why the last connection ended or was not made, while there is no good one. */
  lost: Lost | null
  /** Whether a 515 was answered at once since the link last held for a minute. */
  restarted: boolean
  running: boolean
}

/** Makes the link of one account; nothing is connected before its start. */
export function createLink(ports: LinkPorts): Link {
  const life: Life = {
    ports,
    connection: null,
    attempt: null,
    timer: undefined,
    withdraw: () => undefined,
    openedAt: null,
    isStalled: false,
    lost: null,
    restarted: false,
    running: false,
  }
  const start = (turn: keyof ConnectPace, askedAt: number): void => {
    if (life.running) return
    life.running = true
    connect(life, { turn, askedAt })
  }
  return {
    start: askedAt => start('inTurn', askedAt),
    startFirst: () => start('first', ports.now()),
    stop: async () => {
      life.running = false
      clearTimeout(life.timer)
      life.withdraw()
      life.attempt?.ended()
      life.attempt = null
      const current = life.connection
      life.connection = null
      await current?.end()
    },
    connection: () => life.connection,
  }
}

const IN_TURN = { turn: 'inTurn', askedAt: null } as const

/** `said`: what WhatsApp said when it refused the last one. */
type How = Pick<LoginWish, 'turn' | 'askedAt'> & Pick<Closing, 'said'>

function connect(life: Life, { turn, askedAt, ...said }: How = IN_TURN): void {
  const { ports } = life
  const connecting = (): void => ports.report({ status: 'connecting', ...life.lost })
  let isWaiting = false
  connecting()
  Object.assign(life, { openedAt: null, isStalled: false })
  life.withdraw = ports.attempts.wish({
    turn,
    askedAt,
    outdated: retryAt => {
      isWaiting = true
      life.lost = { reason: 'client_outdated', ...said }
      const detail = ports.outdatedDetail
      ports.report({ status: 'waiting', reason: 'client_outdated', permanent: false, retryAt, detail, ...said })
    },
    open: attempt => {
      if (isWaiting) connecting()
      open(life, attempt)
    },
  })
}

function open(life: Life, attempt: LoginAttempt): void {
  const { ports } = life
  life.attempt = attempt
  life.connection = ports.connect(attempt.version, {
    opened: () => {
      life.openedAt = ports.now()
      life.lost = null
      attempt.accepted()
      reportUp(life)
    },
    stalled: isStalled => {
      life.isStalled = isStalled
      reportUp(life)
    },
    closed: closing => onClosed(life, closing, attempt),
    expires: at => ports.expires(attempt.version, at),
  })
}

function reportUp({ ports, openedAt, isStalled }: Life): void {
  if (openedAt !== null) ports.report(ports.opened(isStalled))
}

function onClosed(life: Life, closing: Closing, attempt: LoginAttempt): void {
  const { ports, openedAt } = life
  const upForMs = openedAt === null ? 0 : ports.now() - openedAt
  if (upForMs >= STEADY_MS) life.restarted = false
  const verdict = verdictOn(closing, { linked: true, restarted: life.restarted })
  life.connection = null
  life.attempt = null
  if (verdict.next === 'outdated') {
    attempt.refused()
    return connect(life, { ...IN_TURN, ...saidIn(closing) })
  }
  attempt.ended()
  if (verdict.next === 'stop') {
    Object.assign(life, { running: false, lost: null })
    const { reason, detail } = verdict
    return ports.report({ status: 'stopped', reason, permanent: true, detail, ...saidIn(closing) })
  }
  if (verdict.next === 'restart') {
    life.restarted = true
    return connect(life)
  }
  const retryAt = ports.now() + (verdict.next === 'wait' ? verdict.waitMs : ports.backoff.next(upForMs))
  const { reason } = verdict
  const isStorage = reason === 'storage'
  life.lost = { reason, ...saidIn(closing) }
  ports.report(
    isStorage
      ? { status: 'degraded', reason, permanent: false, retryAt }
      : { status: 'waiting', reason, permanent: false, retryAt, ...saidIn(closing) },
  )
  connectAt(life, retryAt)
}

function connectAt(life: Life, at: number): void {
  const leftMs = Math.max(0, at - life.ports.now())
  if (leftMs > TIMER_MS) life.timer = setTimeout(() => connectAt(life, at), TIMER_MS)
  else life.timer = setTimeout(() => connect(life), leftMs)
}
