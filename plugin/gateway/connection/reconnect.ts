import { STEADY_MS, type Backoff } from '../../base/backoff.ts'
import type { ConnectionState, DisconnectReason } from '../../contract/connection.ts'
import type { WebVersion } from '../../contract/web-version.ts'
import type { ConnectPace } from '../login/connect-limiter.ts'
import type { Connection, ConnectionListener } from './socket.ts'
import { saidIn, verdictOn, type Closing } from './disconnect-policy.ts'
import type { LoginAttempt, LoginAttempts, LoginWish } from '../login/login-attempts.ts'

/**
 * What a link hears from its connection. `stalled`: part of the backlog does not arrive on it (true), or arrives after all (false).
 */
export type LinkListener = Pick<ConnectionListener, 'opened' | 'closed' | 'expires'> & {
  readonly stalled: (isStalled: boolean) => void
}

/** What a link needs from its account. */
export type LinkPorts = {
  /** Opens one connection with the account's login that announces this version. */
  readonly connect: (version: WebVersion, listener: LinkListener) => Connection
  readonly attempts: LoginAttempts
  /** What a person can do when WhatsApp accepts no version that we have. */
  readonly outdatedDetail: string
  /** Until when WhatsApp accepts this version, as it told this account, in ms UTC; null: WhatsApp withdrew the date. */
  readonly expires: (version: WebVersion, at: number | null) => void
  readonly backoff: Backoff
  readonly now: () => number
  readonly report: (state: ConnectionState) => void
  /** The state that the account reports while the connection is open. */
  readonly opened: (isStalled: boolean) => ConnectionState
}

/** Keeps a linked account connected: one connection at a time, and a new one whenever the disconnect policy says so. */
export type Link = {
  /** Connects when it is the account's turn, unless it has already begun. `askedAt`: when the start was requested, in ms UTC. */
  readonly start: (askedAt: number) => void
  /** The same, ahead of other accounts: a person has just paired this one. */
  readonly startFirst: () => void
  /** Disconnects and stays disconnected until the next start. */
  readonly stop: () => Promise<void>
  readonly connection: () => Connection | null
}

/** The longest wait that a timer can hold. */
const TIMER_MS = 2 ** 31 - 1

type Lost = { readonly reason: DisconnectReason } & Pick<Closing, 'said'>

/** The mutable state of a link. */
type Life = {
  readonly ports: LinkPorts
  connection: Connection | null
  /** The login attempt of the connection, with the version that it announces. */
  attempt: LoginAttempt | null
  /** Starts the next attempt. */
  timer: NodeJS.Timeout | undefined
  /** Withdraws the request to connect. */
  withdraw: () => void
  openedAt: number | null
  isStalled: boolean
  /** Why the last connection ended or was not made; null while there is a good one. */
  lost: Lost | null
  /** Whether a 515 was answered by a restart at once since the link last held for a minute. */
  restarted: boolean
  running: boolean
}

/** Creates the link of one account. Nothing connects before its start. */
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

/** `said`: WhatsApp's words when it refused the last attempt. */
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
