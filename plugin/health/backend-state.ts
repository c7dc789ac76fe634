import type { Problem, ProblemCode } from '../contract/problem.ts'
import type { OrgId } from '../contract/ids.ts'

/** Something that nobody tries again may work by now: so long after it failed last, it is not held against it. */
const FORGOTTEN_AFTER_MS = 600_000
/** What is thrown may call itself anything. */
const CODE = /^[A-Za-z][\w.]{1,60}$/

/** The code of what was thrown, as far as it looks like one. */
export const causeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && CODE.test(error.code)
    ? error.code
    : null

type Failing = { readonly since: number; readonly at: number; readonly cause: string | null }

/** Whether something of the host's that the channel needs works, by what came of it last. */
export class BackendState {
  readonly #failing = new Map<OrgId | null, Failing>()
  readonly #failures = new Map<OrgId | null, number>()

  /** How often it failed for an org since this process began. */
  failuresOf(org: OrgId): number {
    return this.#failures.get(org) ?? 0
  }

  /** Whether it works for an org, for all that is known. */
  worksFor(org: OrgId): boolean {
    return !this.#failing.has(org) && !this.#failing.has(null)
  }

  get isFailing(): boolean {
    return this.#failing.size > 0
  }

  /** It did what it was asked; `org` is null for what is of no org, which clears all. */
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
