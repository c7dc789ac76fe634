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

/** The purpose of a connection. WhatsApp refuses a version for new links some weeks before logins (whatsapp-today.md §1). */
export type Purpose = 'login' | 'pairing'

/** What the announced version depends on. */
export type AnnouncedVersionPorts = VersionsInHand & {
  /** Asks the source for the newest version; null when there is no source. */
  readonly ask: (() => Promise<Sourced>) | null
  readonly now: () => number
  readonly log: Log
  readonly report: (version: ClientVersion) => void
}

/** The version that all accounts of this process announce, and WhatsApp's reactions to it. */
export type AnnouncedVersion = {
  /** The version to announce for this purpose; `refused`: WhatsApp has refused all versions that we have. */
  readonly current: (purpose: Purpose) => Choice & { readonly refused: boolean }
  /** Asks the source if that was not done for a day, and waits for it, though not for long; null when there is no need. */
  readonly settle: () => Promise<void> | null
  /** Asks the source now. Concurrent callers share the request. */
  readonly ask: () => Promise<void>
  /** WhatsApp has accepted a login that announced this version. */
  readonly accepted: (version: WebVersion) => void
  /** Notes that WhatsApp has refused this version. Returns whether that is news. */
  readonly refused: (purpose: Purpose, version: WebVersion) => boolean
  /** Whether the version announced for pairings is so old that a phone may refuse it without a word. */
  readonly isOld: () => boolean
}

/** How long a first connection waits for a slow source; then it continues with the versions it has. */
const PATIENCE_MS = 3_000

type Refusals = { readonly these: Set<WebVersion>; upTo: number }

/** The mutable state of the announced version. */
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

/** If the clock was set back, the source is asked again. */
function isDue({ ports, askedAt }: Life): boolean {
  if (ports.ask === null || ports.pinned !== null) return false
  const sinceMs = ports.now() - askedAt
  return sinceMs < 0 || sinceMs > DAY_MS
}

const patience = (): Promise<void> => new Promise(resolve => setTimeout(resolve, PATIENCE_MS).unref())

function ask(life: Life): Promise<void> {
  const { ports } = life
  if (ports.ask === null || ports.pinned !== null) return Promise.resolve()
  // Set before the answer: a source that does not answer is not waited for twice.
  life.askedAt = ports.now()
  life.asking ??= ports.ask().then(sourced => {
    life.asking = null
    life.problem = 'problem' in sourced ? sourced.problem : null
    if ('version' in sourced) found(life, sourced.version)
    else ports.log.warn({ problem: sourced.problem, version: current(life, 'login').version }, 'web version not found')
    report(life)
  })
  return life.asking
}

function found(life: Life, version: WebVersion): void {
  const known = { version, knownAt: life.ports.now() }
  life.fetched = known
  // The version is still the newest: its age no longer counts from the day on which it was first accepted.
  if (life.accepted?.version === version) life.accepted = known
  life.ports.log.info({ version }, 'web version found')
}

function accepted(life: Life, version: WebVersion): void {
  const { these } = life.refusals.login
  these.delete(version)
  if (revisionOf(version) <= life.refusals.login.upTo) life.refusals.login.upTo = revisionOf(version) - 1
  const known = [life.accepted, life.fetched, BUILT_IN].find(each => each?.version === version)
  life.accepted = known ?? { version, knownAt: life.ports.now() }
  report(life)
}

/**
 * If a version is refused that was accepted before, older ones are refused as well. One that never was says nothing about others.
 */
function refused(life: Life, purpose: Purpose, version: WebVersion): boolean {
  const refusals = life.refusals[purpose]
  const isNews = !isRefused(refusals, version)
  refusals.these.add(version)
  if (life.accepted?.version === version) refusals.upTo = Math.max(refusals.upTo, revisionOf(version))
  life.ports.log.warn({ version, purpose }, 'web version refused')
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
