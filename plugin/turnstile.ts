import type { OrgId } from './contract/ids.ts'

/** Lets the operations that change an org's link through one after the other, and some only when no other is under way. */
export class Turnstile {
  readonly #tails = new Map<OrgId, Promise<void>>()
  #barrier: Promise<void> = Promise.resolve()

  /** Runs `work` after every earlier operation of this org. */
  async alone<Result>(org: OrgId, work: () => Promise<Result>): Promise<Result> {
    const running = Promise.all([this.#barrier, this.#tails.get(org)]).then(work)
    const tail = settled(running)
    this.#tails.set(org, tail)
    void tail.then(() => this.#tails.get(org) === tail && this.#tails.delete(org))
    return running
  }

  /** Runs `work` after every earlier operation, and before every later one. */
  async everybody<Result>(work: () => Promise<Result>): Promise<Result> {
    const running = Promise.all([this.#barrier, ...this.#tails.values()]).then(work)
    this.#barrier = settled(running)
    return running
  }
}

function settled(promise: Promise<unknown>): Promise<void> {
  return promise.then(
    () => undefined,
    () => undefined,
  )
}
