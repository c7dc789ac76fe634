import { STEADY_MS } from '../../base/backoff.ts'
import type { WebVersion } from '../../contract/web-version.ts'
import type { AnnouncedVersion } from './announced-version.ts'
import type { ConnectPace } from './connect-limiter.ts'
import { waitAfter } from './outdated-backoff.ts'

/**
 * One login under way, and the version that it announces. The account reports whether WhatsApp accepted it, and in any case how it
 * ended.
 */
export type LoginAttempt = {
  readonly version: WebVersion
  readonly accepted: () => void
  /** WhatsApp has refused the version, at the login or later. */
  readonly refused: () => void
  /** It ended for any other reason. */
  readonly ended: () => void
}

/** An account's request to log in. */
export type LoginWish = {
  readonly turn: keyof ConnectPace
  /**
   * When a person or a start asked for it, in ms UTC: a version that was refused before that is tried once more now. Null: nobody
   * did.
   */
  readonly askedAt: number | null
  readonly open: (attempt: LoginAttempt) => void
  /** WhatsApp accepts no version that we have. Called again whenever `retryAt` changes; ms UTC. */
  readonly outdated: (retryAt: number) => void
}

/**
 * Decides who may log in, and when, for all accounts of this process. Unless a login was accepted a moment ago, one account goes
 * first and the others wait for its result: so a version that WhatsApp refuses is refused once, and not once for each account.
 */
export type LoginAttempts = {
  /** Returns a function that withdraws the wish. */
  readonly wish: (wish: LoginWish) => () => void
}

export type LoginAttemptsPorts = {
  readonly version: AnnouncedVersion
  readonly pace: ConnectPace
  readonly now: () => number
}

/** For this long after an accepted login, the others need not wait for each other. */
const FRESH_MS = 60_000
/** The others wait no longer than this for a first login that does not report. */
const PATIENCE_MS = 5_000

/** After more refusals than this, another version waits until the next attempt is due. */
export const AT_ONCE_MOST = 2

/** A wish that waits, or whose login is under way. */
type Pending = { readonly wish: LoginWish; withdraw: () => void }

/** The mutable state of the attempts. */
type Life = {
  readonly ports: LoginAttemptsPorts
  /** The wishes that wait, the next one first. */
  readonly waiting: Pending[]
  /** The wish that has gone first; null when none is under way. */
  first: { readonly pending: Pending; readonly since: number } | null
  acceptedAt: number
  /**
   * How many logins were refused since one was last accepted, and when the next one is due; null: a version was accepted, or none
   * was tried.
   */
  outdated: { attempts: number; refusedAt: number; retryAt: number } | null
  /** How many were refused before the last one was accepted. They continue to count if that one is refused within a minute. */
  refusedBefore: number
  /** Whether nobody may log in now because the source is being asked. */
  isAsking: boolean
  /** Whether the source was asked for the attempt that is due. */
  isReady: boolean
  timer: NodeJS.Timeout | undefined
}

/** Creates the attempts. Nothing happens before the first wish. */
export function createLoginAttempts(ports: LoginAttemptsPorts): LoginAttempts {
  const life: Life = {
    ports,
    waiting: [],
    first: null,
    acceptedAt: Number.NEGATIVE_INFINITY,
    outdated: null,
    refusedBefore: 0,
    isAsking: false,
    isReady: false,
    timer: undefined,
  }
  return { wish: wish => enter(life, wish) }
}

function enter(life: Life, wish: LoginWish): () => void {
  const { waiting, outdated, ports } = life
  const pending: Pending = { wish, withdraw: () => void waiting.splice(waiting.indexOf(pending), 1) }
  // Replaced as soon as the wish no longer waits.
  if (wish.turn === 'first') waiting.unshift(pending)
  else waiting.push(pending)
  if (outdated && (wish.askedAt ?? 0) >= outdated.refusedAt) outdated.retryAt = Math.min(outdated.retryAt, ports.now())
  if (outdated && !life.isAsking && outdated.retryAt > ports.now()) wish.outdated(outdated.retryAt)
  goOn(life)
  return () => {
    pending.withdraw()
    goOn(life)
  }
}

/** Starts the logins that may start now, and sets a timer for the next ones. */
function goOn(life: Life): void {
  clearTimeout(life.timer)
  const { waiting, outdated, first, ports } = life
  if (waiting.length === 0 || life.isAsking) return
  const now = ports.now()
  if (outdated) {
    if (first) return
    if (outdated.retryAt > now) return comeBack(life, outdated.retryAt - now)
    if (!life.isReady) return askFirst(life, ports.version.ask())
    life.isReady = false
    return goFirst(life)
  }
  const settling = ports.version.settle()
  if (settling) return askFirst(life, settling)
  const isFresh = now - life.acceptedAt < FRESH_MS
  const patienceMs = first ? first.since + PATIENCE_MS - now : 0
  if (!isFresh && first && patienceMs > 0) return comeBack(life, patienceMs)
  if (!isFresh && !first) return goFirst(life)
  for (const pending of waiting.splice(0)) go(life, pending)
}

function comeBack(life: Life, waitMs: number): void {
  life.timer = setTimeout(() => goOn(life), waitMs)
}

function askFirst(life: Life, asking: Promise<void>): void {
  life.isAsking = true
  void asking.finally(() => {
    life.isAsking = false
    life.isReady = true
    assess(life)
  })
}

/** Tries a remaining version that was not refused at once, though not for ever: a source may name another one each time. */
function assess(life: Life): void {
  const { ports, waiting, outdated } = life
  const now = ports.now()
  if (outdated && outdated.attempts <= AT_ONCE_MOST && !ports.version.current('login').refused) {
    Object.assign(life, { isReady: true })
    outdated.retryAt = now
  } else if (outdated && outdated.retryAt > now) {
    life.isReady = false
    for (const { wish } of waiting) wish.outdated(outdated.retryAt)
  }
  goOn(life)
}

function goFirst(life: Life): void {
  const pending = life.waiting.shift()
  if (!pending) return
  life.first = { pending, since: life.ports.now() }
  go(life, pending)
  if (!life.outdated && life.waiting.length > 0) comeBack(life, PATIENCE_MS)
}

function go(life: Life, pending: Pending): void {
  const { pace, version } = life.ports
  const takeBack = pace[pending.wish.turn](() => {
    pending.withdraw = () => undefined
    pending.wish.open(attemptOf(life, pending, version.current('login').version))
  })
  pending.withdraw = () => {
    takeBack()
    settle(life, pending)
  }
}

/** The login that went first has ended. */
function settle(life: Life, pending: Pending): void {
  if (life.first?.pending === pending) life.first = null
}

function attemptOf(life: Life, pending: Pending, version: WebVersion): LoginAttempt {
  const { ports } = life
  let letInAt: number | null = null
  return {
    version,
    accepted: () => {
      letInAt = ports.now()
      if (life.outdated) life.refusedBefore = life.outdated.attempts
      Object.assign(life, { acceptedAt: letInAt, outdated: null })
      settle(life, pending)
      ports.version.accepted(version)
      goOn(life)
    },
    refused: () => {
      settle(life, pending)
      life.acceptedAt = Number.NEGATIVE_INFINITY
      const held = letInAt !== null && ports.now() - letInAt >= STEADY_MS
      if (held) life.refusedBefore = 0
      const attempts = (life.outdated?.attempts ?? life.refusedBefore) + (held ? 0 : 1)
      const refusedAt = ports.now()
      life.outdated = { attempts, refusedAt, retryAt: refusedAt + waitAfter(attempts) }
      const isNews = ports.version.refused('login', version)
      life.isReady = false
      // For a version that was refused before, the source was asked before the version was tried again.
      if (isNews) askFirst(life, ports.version.ask())
      else assess(life)
    },
    ended: () => {
      settle(life, pending)
      goOn(life)
    },
  }
}
