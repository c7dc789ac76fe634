import type { Problem, ProblemCode } from '../contract/problem.ts'
import type { OrgId } from '../contract/ids.ts'

/** How long after its last failure a backend that nobody uses counts as failing, in ms. It may work again by then. */
const FORGOTTEN_AFTER_MS = 600_000
/** The code of a thrown error may be any string. */
const CODE = /^[A-Za-z][\w.]{1,60}$/

/** The code of a thrown error, if it looks like one. */
export const causeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && CODE.test(error.code)
    ? error.code
    : null

type Failing = { readonly since: number; readonly at: number; readonly cause: string | null }

/** Whether one of the host's backends works, by the results of its last calls. */
export class BackendState {
  readonly #failing = new Map<OrgId | null, Failing>()
  readonly #failures = new Map<OrgId | null, number>()

  /** How many calls have failed for an org since this process started. */
  failuresOf(org: OrgId): number {
    return this.#failures.get(org) ?? 0
  }

  /** Whether it works for an org, as far as known. */
  worksFor(org: OrgId): boolean {
    return !this.#failing.has(org) && !this.#failing.has(null)
  }

  get isFailing(): boolean {
    return this.#failing.size > 0
  }

  /** Records a success. If `org` is null, the call was for no org, and the success clears all failures. */
  worked(org: OrgId | null): void {
    if (org === null) this.#failing.clear()
    else this.#failing.delete(org)
  }

  failed(org: OrgId | null, error: unknown): void {
    this.#failures.set(org, (this.#failures.get(org) ?? 0) + 1)
    const now = Date.now()
    this.#failing.set(org, { since: this.#failing.get(org)?.since ?? now, at: now, cause: causeOf(error) })
  }

  problems(code: ProblemCode, now: number): Problem[] {
    for (const [org, { at }] of this.#failing) if (at <= now - FORGOTTEN_AFTER_MS) this.#failing.delete(org)
    return [...this.#failing].map(([org, { since, cause }]) => ({
      code,
      org,
      account: null,
      agent: null,
      count: null,
      cause,
      since,
    }))
  }
}
