import type { AccountName, OrgId } from '../contract/ids.ts'

/** What operations are let through one after the other for: an account, or an org as a whole. */
export type Passage = { readonly org: OrgId; readonly account?: AccountName }

/** Lets operations on one thing through one after the other, and some only when no other is under way. */
export class Turnstile {
  readonly #tails = new Map<string, Promise<void>>()
  #barrier: Promise<void> = Promise.resolve()

  /** Runs `work` after every earlier operation on the same. */
  async alone<Result>({ org, account = '' as AccountName }: Passage, work: () => Promise<Result>): Promise<Result> {
    const name = `${org}/${account}`
    const running = Promise.all([this.#barrier, this.#tails.get(name)]).then(work)
    const tail = settled(running)
    this.#tails.set(name, tail)
    void tail.then(() => this.#tails.get(name) === tail && this.#tails.delete(name))
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
