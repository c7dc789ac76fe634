import { DAY_MS } from '../../base/durations.ts'
import type { Log } from '../../contract/host.ts'
import {
  OLD_VERSION_MS,
  revisionOf,
  type ClientVersion,
  type KnownVersion,
  type SourceProblem,
  type VersionsInHand,
  type WebVersion,
} from '../../contract/web-version.ts'
import { BUILT_IN, chooseVersion, type Choice } from './version-choice.ts'
import type { Sourced } from './version-source.ts'

/** What a connection is opened for. WhatsApp refuses a version for new links some weeks before logins (whatsapp-today.md §1). */
export type Purpose = 'login' | 'pairing'

/** What the version depends on. */
export type AnnouncedVersionPorts = VersionsInHand & {
  /** Asks the source; null when there is none. */
  readonly ask: (() => Promise<Sourced>) | null
  readonly now: () => number
  readonly log: Log
  readonly report: (version: ClientVersion) => void
}

/** The version that all accounts of this process announce, and what WhatsApp says to it. */
export type AnnouncedVersion = {
  /** What is announced for this; `refused`: WhatsApp has refused all that there is. */
  readonly current: (purpose: Purpose) => Choice & { readonly refused: boolean }
  /** Asks the source when that was not done for a day, and waits for it, though not for long; null when there is no need. */
  readonly settle: () => Promise<void> | null
  /** Asks the source now, together with everybody who asks in the meantime. */
  readonly ask: () => Promise<void>
  /** WhatsApp has let a login in that announced this. */
  readonly accepted: (version: WebVersion) => void
  /** Whether that is news. */
  readonly refused: (purpose: Purpose, version: WebVersion) => boolean
  /** Whether what is announced for pairings is so old that a phone may refuse it without a word. */
  readonly isOld: () => boolean
}

/** A first connection waits so long for a source that is slow, and goes on with what there is. */
const PATIENCE_MS = 3_000

type Refusals = { readonly these: Set<WebVersion>; upTo: number }

/** All that changes about it. */
type Life = {
  readonly ports: AnnouncedVersionPorts
  accepted: KnownVersion | null
  fetched: KnownVersion | null
  readonly refusals: Readonly<Record<Purpose, Refusals>>
  problem: SourceProblem | null
  askedAt: number
  asking: Promise<void> | null
  reported: string
}

export function createAnnouncedVersion(ports: AnnouncedVersionPorts): AnnouncedVersion {
  const none = (): Refusals => ({ these: new Set(), upTo: 0 })
  const life: Life = {
    ports,
    accepted: ports.accepted,
    fetched: null,
    refusals: { login: none(), pairing: none() },
    problem: null,
    askedAt: ports.accepted?.knownAt ?? 0,
    asking: null,
    reported: '',
  }
  return {
    current: purpose => current(life, purpose),
    settle: () => {
      report(life)
      return isDue(life) ? Promise.race([ask(life), patience()]) : null
    },
    ask: () => ask(life),
    accepted: version => accepted(life, version),
    refused: (purpose, version) => refused(life, purpose, version),
    isOld: () => {
      const { knownAt } = current(life, 'pairing')
      return knownAt !== null && ports.now() - knownAt > OLD_VERSION_MS
    },
  }
}

function current({ ports, accepted, fetched, refusals }: Life, purpose: Purpose) {
  const candidates = { pinned: ports.pinned, accepted, fetched, builtIn: BUILT_IN }
  return chooseVersion(candidates, version => isRefused(refusals[purpose], version))
}

const isRefused = ({ these, upTo }: Refusals, version: WebVersion): boolean =>
  these.has(version) || revisionOf(version) <= upTo

/** A clock that was set back has the source asked once more. */
function isDue({ ports, askedAt }: Life): boolean {
  if (ports.ask === null || ports.pinned !== null) return false
  const sinceMs = ports.now() - askedAt
  return sinceMs < 0 || sinceMs > DAY_MS
}

const patience = (): Promise<void> => new Promise(resolve => setTimeout(resolve, PATIENCE_MS).unref())

function ask(life: Life): Promise<void> {
  const { ports } = life
  if (ports.ask === null || ports.pinned !== null) return Promise.resolve()
  // One that does not answer is not waited for twice.
  life.askedAt = ports.now()
  life.asking ??= ports.ask().then(sourced => {
    life.asking = null
    life.problem = 'problem' in sourced ? sourced.problem : null
    if ('version' in sourced) found(life, sourced.version)
    else ports.log.warn({ problem: sourced.problem, version: current(life, 'login').version }, 'web_version_not_found')
    report(life)
  })
  return life.asking
}

function found(life: Life, version: WebVersion): void {
  const known = { version, knownAt: life.ports.now() }
  life.fetched = known
  // It is the newest still: it grows no older by the day on which it was first let in.
  if (life.accepted?.version === version) life.accepted = known
  life.ports.log.info({ version }, 'web_version_found')
}

function accepted(life: Life, version: WebVersion): void {
  const { these } = life.refusals.login
  these.delete(version)
  if (revisionOf(version) <= life.refusals.login.upTo) life.refusals.login.upTo = revisionOf(version) - 1
  const known = [life.accepted, life.fetched, BUILT_IN].find(each => each?.version === version)
  life.accepted = known ?? { version, knownAt: life.ports.now() }
  report(life)
}

/** Where one that was let in before is refused, older ones are refused as well; one that never was says nothing of others. */
function refused(life: Life, purpose: Purpose, version: WebVersion): boolean {
  const refusals = life.refusals[purpose]
  const isNews = !isRefused(refusals, version)
  refusals.these.add(version)
  if (life.accepted?.version === version) refusals.upTo = Math.max(refusals.upTo, revisionOf(version))
  life.ports.log.warn({ version, purpose }, 'web_version_refused')
  report(life)
  return isNews
}

function report(life: Life): void {
  const { ports, problem, accepted: last } = life
  const version: ClientVersion = { ...current(life, 'login'), problem, accepted: last }
  const written = JSON.stringify(version)
  if (written === life.reported) return
  life.reported = written
  ports.report(version)
}
