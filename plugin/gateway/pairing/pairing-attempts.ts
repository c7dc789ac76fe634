import type { WebVersion } from '../../contract/web-version.ts'
import type { ConnectPace } from '../login/connect-limiter.ts'
import { AT_ONCE_MOST, type LoginAttemptsPorts } from '../login/login-attempts.ts'
import { waitAfter } from '../login/outdated-backoff.ts'

/** One connection on which a phone may be linked, and the version that it announces. */
export type PairingAttempt = {
  readonly version: WebVersion
  /** WhatsApp offers to pair. */
  readonly accepted: () => void
  /** WhatsApp has refused the version: the next wish asks for another one. */
  readonly refused: () => void
}

/** A pairing's request for a connection. */
export type PairingWish = {
  readonly open: (attempt: PairingAttempt) => void
  /** WhatsApp accepts no version that we have; no connection was tried. */
  readonly outdated: () => void
}

/**
 * Decides who may ask for codes, and when, for all accounts of this process. A person waits, so no pairing waits for another one
 * here.
 */
export type PairingAttempts = {
  /** Returns a function that withdraws the wish. */
  readonly wish: (wish: PairingWish) => () => void
  /** Tries a refused version once more at the next wish. */
  readonly again: () => void
  /** Whether the announced version is so old that a phone may refuse it without a word. */
  readonly isOld: () => boolean
}

type Life = {
  readonly ports: LoginAttemptsPorts
  /** The number of refusals since a version was last accepted. */
  refusals: number
  retryAt: number
}

/** Creates the attempts. A refused version is tried no more often than for logins, however often a person asks. */
export function createPairingAttempts(ports: LoginAttemptsPorts): PairingAttempts {
  const life: Life = { ports, refusals: 0, retryAt: 0 }
  return {
    again: () => void (life.retryAt = 0),
    isOld: ports.version.isOld,
    wish: wish => {
      let isOver = false
      let leave = (): void => undefined
      const go = (): void => {
        if (isOver) return
        if (mayTry(life)) leave = open(life, ports.pace, wish)
        else wish.outdated()
      }
      const asking = life.refusals > 0 ? ports.version.ask() : ports.version.settle()
      if (asking) void asking.finally(go)
      else go()
      return () => {
        isOver = true
        leave()
      }
    },
  }
}

function mayTry({ ports, refusals, retryAt }: Life): boolean {
  if (ports.now() >= retryAt) return true
  return refusals <= AT_ONCE_MOST && !ports.version.current('pairing').refused
}

function open(life: Life, pace: ConnectPace, wish: PairingWish): () => void {
  const { version, now } = life.ports
  return pace.first(() => {
    const announced = version.current('pairing').version
    wish.open({
      version: announced,
      accepted: () => void (life.refusals = 0),
      refused: () => {
        version.refused('pairing', announced)
        life.refusals += 1
        life.retryAt = now() + waitAfter(life.refusals)
      },
    })
  })
}
