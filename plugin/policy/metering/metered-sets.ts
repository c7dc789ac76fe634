import type { EventLoopShares } from '../../base/event-loop-shares.ts'
import type { OrgId } from '../../contract/ids.ts'
import { decide, type Evaluation, type PolicySet } from '../evaluation.ts'
import type { PolicyInput } from '../input.ts'
import { type Budget, MeteredEngine } from './metered-engine.ts'

/** How many instructions one evaluation may run: less than ten milliseconds. For the starters about 370,000 are counted for a call. */
const MOST_INSTRUCTIONS = 10_000_000
/** In one round of the event loop, an org's evaluations may take this long. */
const ROUND_MS = 50
/** While other orgs have work, an org's evaluations may take a tenth of the time, and this much at once. */
const ORG_SHARE = 10
const ORG_BURST_MS = 100
/** Loading larger modules would block the event loop for too long. */
const LARGEST_BYTES = 262_144
/** A set is loaded once it was asked for this often, so that changing policies again and again loads nothing. */
const LOADED_AFTER = 10
const MOST_SETS = 64
/** A set that was used within this time is not dropped for that of another org. */
const IN_USE_MS = 60_000
/** After an evaluation without an answer, a set is left to the workers for this long. */
const AWAY_MS = 60_000

type Loaded = {
  readonly set: PolicySet
  /** null until they are loaded, and if they cannot be. */
  engines: readonly MeteredEngine[] | null
  asked: number
  usedAt: number
  awayUntil: number
}

/**
 * Evaluates the policies of orgs in the event loop, which takes a fraction of the time that a worker needs to wake up. Every
 * evaluation ends, because its instructions are counted, and the time of all evaluations of an org is limited. An evaluation
 * without an answer here, for any reason, is left to a worker. That changes no verdict: the same module gives the same answer.
 */
export class MeteredSets {
  readonly #shares: Pick<EventLoopShares, 'isAlone'>
  /** The set of each org, the least recently used first. */
  readonly #sets = new Map<OrgId, Loaded>()
  /** How long each org's evaluations took in this round of the event loop, in ms. */
  readonly #inRound = new Map<OrgId, number>()
  /** Until when each org has to wait so that its evaluations take a tenth of the time. */
  readonly #paidUntil = new Map<OrgId, number>()

  constructor(shares: Pick<EventLoopShares, 'isAlone'>) {
    this.#shares = shares
  }

  /** Evaluates a set; null if a worker has to. */
  evaluate(org: OrgId, set: PolicySet, input: PolicyInput): Evaluation | null {
    const now = performance.now()
    const loaded = fits(set) ? this.#of(org, set, now) : null
    if (!loaded?.engines || loaded.awayUntil > now || !this.#mayRun(org, now)) return null
    const budget: Budget = { left: MOST_INSTRUCTIONS }
    try {
      return decide(
        loaded.engines.map(engine => ({ evaluate: (asked: unknown) => engine.evaluate(asked, budget) })),
        input,
      )
    } catch {
      loaded.awayUntil = now + AWAY_MS
      return null
    } finally {
      this.#pay(org, performance.now() - now)
    }
  }

  #mayRun(org: OrgId, now: number): boolean {
    if ((this.#inRound.get(org) ?? 0) > ROUND_MS) return false
    return this.#owed(org, now) <= ORG_BURST_MS * ORG_SHARE || this.#shares.isAlone(org)
  }

  #owed(org: OrgId, now: number): number {
    return Math.max(0, (this.#paidUntil.get(org) ?? 0) - now)
  }

  #pay(org: OrgId, tookMs: number): void {
    if (this.#inRound.size === 0) setImmediate(() => this.#inRound.clear())
    this.#inRound.set(org, (this.#inRound.get(org) ?? 0) + tookMs)
    const now = performance.now()
    const owed = Math.min(this.#owed(org, now), ORG_BURST_MS * ORG_SHARE)
    this.#paidUntil.delete(org)
    this.#paidUntil.set(org, now + owed + tookMs * ORG_SHARE)
    for (const [paid, until] of this.#paidUntil) {
      if (until > now) break
      this.#paidUntil.delete(paid)
    }
  }

  /** Finds a set, and starts to load it when it has been asked for often enough; null if there is no room for it. */
  #of(org: OrgId, set: PolicySet, now: number): Loaded | null {
    const known = this.#sets.get(org)
    if (!known && !this.#makeRoom(now)) return null
    const loaded = known?.set === set ? known : { set, engines: null, asked: 0, usedAt: now, awayUntil: 0 }
    this.#sets.delete(org)
    this.#sets.set(org, loaded)
    loaded.usedAt = now
    loaded.asked += 1
    if (loaded.asked === LOADED_AFTER) void load(set).then(engines => (loaded.engines = engines))
    return loaded
  }

  #makeRoom(now: number): boolean {
    if (this.#sets.size < MOST_SETS) return true
    const [oldest] = this.#sets
    if (!oldest || oldest[1].usedAt > now - IN_USE_MS) return false
    return this.#sets.delete(oldest[0])
  }
}

/** Bundles do not fit: an arbitrary module can return an address from which reading the answer never ends. */
const fits = ({ modules, isCompiledHere }: PolicySet): boolean =>
  isCompiledHere && modules.reduce((sum, { length }) => sum + length, 0) <= LARGEST_BYTES

/** Loads the engines of a set; null if they cannot be metered. */
async function load({ modules }: PolicySet): Promise<readonly MeteredEngine[] | null> {
  try {
    return await Promise.all(modules.map(module => MeteredEngine.of(module)))
  } catch {
    return null
  }
}
