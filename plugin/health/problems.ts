import { Watchable } from '../base/watchable.ts'
import type { Log } from '../contract/host.ts'
import type { AccountKey, OrgId } from '../contract/ids.ts'
import { byGravity, type Problem, PROBLEMS, stopsHost } from '../contract/problem.ts'

/** Called when the gravest problem of accounts may have changed. */
export type ProblemListener = () => void

const keyOf = ({ code, org, account, agent }: Problem): string => JSON.stringify([code, org, account, agent])

const isOfOrg =
  (org: OrgId) =>
  (problem: Problem): boolean =>
    problem.org === null || problem.org === org

/** The current problems, for callers and watchers. Each problem is logged when it begins and when it is over. */
export class Problems {
  readonly #log: Log
  readonly #standing = new Watchable<readonly Problem[]>([])
  #tell: ProblemListener = () => undefined

  constructor(log: Log) {
    this.#log = log
  }

  /** Sets the listener for changes. */
  listen(tell: ProblemListener): void {
    this.#tell = tell
  }

  /** Replaces the current problems. A problem that existed before keeps the time at which it began. */
  take(found: readonly Problem[]): void {
    const before = new Map(this.#standing.value.map(problem => [keyOf(problem), problem]))
    const now = new Map(
      found.map(problem => {
        const since = Math.min(problem.since, before.get(keyOf(problem))?.since ?? problem.since)
        return [keyOf(problem), { ...problem, since }]
      }),
    )
    for (const [key, problem] of now) if (!before.has(key)) this.#began(problem)
    for (const [key, problem] of before) if (!now.has(key)) this.#ended(problem)
    const standing = [...now.values()].toSorted(byGravity)
    if (JSON.stringify(standing) === JSON.stringify(this.#standing.value)) return
    this.#standing.publish(standing)
    this.#tell()
  }

  /** The problems of an org and those of all orgs, the gravest first. */
  of(org: OrgId): readonly Problem[] {
    return this.#standing.value.filter(isOfOrg(org))
  }

  /** The gravest problem of an account; null if there is none. */
  ofAccount({ org, account }: AccountKey): Problem | null {
    return this.of(org).find(problem => problem.account === null || problem.account === account) ?? null
  }

  /** Whether the host can serve anybody. */
  get isReady(): boolean {
    return !this.#standing.value.some(stopsHost)
  }

  /** The problems of an org, now and at each change. */
  async *watch(org: OrgId, signal: AbortSignal): AsyncGenerator<readonly Problem[], void, undefined> {
    let shown: string | null = null
    for await (const standing of this.#standing.watch(signal)) {
      const own = standing.filter(isOfOrg(org))
      const now = JSON.stringify(own)
      if (now !== shown) yield own
      shown = now
    }
  }

  /** Ends every watcher. */
  end(): void {
    this.#standing.end()
  }

  #began(problem: Problem): void {
    this.#log[PROBLEMS[problem.code].level](fieldsOf(problem), 'problem')
  }

  #ended(problem: Problem): void {
    this.#log.info({ ...fieldsOf(problem), lasted_ms: Math.max(0, Date.now() - problem.since) }, 'problem over')
  }
}

const fieldsOf = ({ code, org, account, agent, count, cause }: Problem) => ({
  problem: code,
  org,
  account,
  agent,
  count,
  cause,
})
