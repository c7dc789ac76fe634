import type { AccountKey } from '../contract/ids.ts'
import { AGENT_FAILURES, type Problem } from '../contract/problem.ts'

const NAMES_MOST = 1_000

type Failing = AccountKey & { readonly agent: string; readonly at: readonly number[] }

/** Which agents have failed recently, and when. */
export class AgentFailures {
  readonly #failing = new Map<string, Failing>()

  /** Records a failed attempt at a turn, at an instant in ms UTC. */
  failed({ org, account, agent }: AccountKey & { readonly agent: string }, now: number): void {
    const key = JSON.stringify([org, account, agent])
    const at = [...(this.#failing.get(key)?.at ?? []), now].slice(-AGENT_FAILURES.most)
    this.#failing.delete(key)
    this.#failing.set(key, { org, account, agent, at })
    for (const oldest of [...this.#failing.keys()].slice(0, -NAMES_MOST)) this.#failing.delete(oldest)
  }

  /** The agents that have failed repeatedly until now. */
  problems(now: number): Problem[] {
    for (const [key, { at }] of this.#failing)
      if ((at.at(-1) ?? 0) <= now - AGENT_FAILURES.withinMs) this.#failing.delete(key)
    return [...this.#failing.values()]
      .filter(({ at }) => at.length === AGENT_FAILURES.most && (at[0] ?? 0) > now - AGENT_FAILURES.withinMs)
      .map(({ org, account, agent, at }) => ({
        code: 'agent_failing',
        org,
        account,
        agent,
        count: at.length,
        cause: null,
        since: at[0] ?? now,
      }))
  }
}
