import { STEADY_MS } from '../../base/backoff.ts'
import type { WebVersion } from '../../contract/web-version.ts'
import type { AnnouncedVersion } from './announced-version.ts'
import type { ConnectPace } from './connect-limiter.ts'
import { waitAfter } from './outdated-backoff.ts'

/** One login under way, and what it announces. It is told whether it was let in, and in any case how it ended. */
export type LoginAttempt = {
  readonly version: WebVersion
  readonly accepted: () => void
  /** WhatsApp has refused its version, at the login or later. */
  readonly refused: () => void
  /** It is over for any other reason. */
  readonly ended: () => void
}

/** A login that an account wants to make. */
export type LoginWish = {
  readonly turn: keyof ConnectPace
  /** When a person or a start asked for it, in ms UTC: what was refused until then is tried once more now. Null: nobody did. */
  readonly askedAt: number | null
  readonly open: (attempt: LoginAttempt) => void
  /** WhatsApp takes no version that we have; told again whenever that changes. ms UTC */
  readonly outdated: (retryAt: number) => void
}

/**
 * Who may log in, and when: one for all accounts of this process. As long as nobody was let in a moment ago, one goes first and
 * the others wait for what becomes of it: so a version that WhatsApp refuses is refused once, and not once for each account.
 */
export type LoginAttempts = {
  /** What it answers takes the wish back. */
  readonly wish: (wish: LoginWish) => () => void
}

export type LoginAttemptsPorts = {
  readonly version: AnnouncedVersion
  readonly pace: ConnectPace
  readonly now: () => number
}

/** For so long after somebody was let in, the others need not wait for each other. */
const FRESH_MS = 60_000
/** A first one of which nothing is heard keeps the others out for no longer. */
const PATIENCE_MS = 5_000

/** After more refusals than this, another version has to wait for the next attempt that is due. */
export const AT_ONCE_MOST = 2

/** A wish that waits, or is out. */
type Pending = { readonly wish: LoginWish; withdraw: () => void }

/** All that changes about the attempts. */
type Life = {
  readonly ports: LoginAttemptsPorts
  /** Those that wait, the next one first. */
  readonly waiting: Pending[]
  /** The one that has gone first; null when none is out. */
  first: { readonly pending: Pending; readonly since: number } | null
  acceptedAt: number
  /** How many logins were refused since one was last let in, and when the next one is due; null: a version was let in, or none was tried. */
  outdated: { attempts: number; refusedAt: number; retryAt: number } | null
  /** How many were refused before the last one was let in: they count on when that one is refused within a minute. */
  refusedBefore: number
  /** Whether nobody goes now because the source is being asked. */
  isAsking: boolean
  /** Whether the source was asked for the attempt that is due. */
  isReady: boolean
  timer: NodeJS.Timeout | undefined
}

/** Makes the attempts; nothing happens before the first wish. */
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
  // Replaced as soon as it waits no longer.
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

/** Lets go who may go now, and comes back when somebody else may. */
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

/** What is left that was not refused is tried at once, though not for ever: a source may name another one each time. */
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

/** Somebody who went first has come to an end. */
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
      // For what was refused before, the source was asked before it was tried again.
      if (isNews) askFirst(life, ports.version.ask())
      else assess(life)
    },
    ended: () => {
      settle(life, pending)
      goOn(life)
    },
  }
}
