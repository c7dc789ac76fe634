import { Watchable } from '../base/watchable.ts'
import type { Log } from '../contract/host.ts'
import type { AccountKey, OrgId } from '../contract/ids.ts'
import { byGravity, type Problem, PROBLEMS, stopsHost } from '../contract/problem.ts'

/** Who is told that the gravest problem of accounts may be another one. */
export type ProblemListener = () => void

const keyOf = ({ code, org, account, agent }: Problem): string => JSON.stringify([code, org, account, agent])

const isOfOrg =
  (org: OrgId) =>
  (problem: Problem): boolean =>
    problem.org === null || problem.org === org

/** What is wrong now, for those who ask and those who watch. Each problem is logged when it begins and when it is over. */
export class Problems {
  readonly #log: Log
  readonly #standing = new Watchable<readonly Problem[]>([])
  #tell: ProblemListener = () => undefined

  constructor(log: Log) {
    this.#log = log
  }

  /** Who is told of each change. */
  listen(tell: ProblemListener): void {
    this.#tell = tell
  }

  /** All that is found wrong now takes the place of what was. What stood before keeps the instant at which it began. */
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

  /** Those of an org, and of all, the gravest first. */
  of(org: OrgId): readonly Problem[] {
    return this.#standing.value.filter(isOfOrg(org))
  }

  /** The gravest one of an account; null when there is none. */
  ofAccount({ org, account }: AccountKey): Problem | null {
    return this.of(org).find(problem => problem.account === null || problem.account === account) ?? null
  }

  /** Whether the host can serve anybody. */
  get isReady(): boolean {
    return !this.#standing.value.some(stopsHost)
  }

  /** Those of an org now and at each change. */
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
