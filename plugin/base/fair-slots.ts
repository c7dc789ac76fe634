import { accountId, type AccountKey } from '../contract/ids.ts'

/** How many items may run at a time. */
export type SlotCounts = {
  /** Slots that all callers share, in turn. */
  readonly shared: number
  /** Additional slots for each org, which no other org can use. */
  readonly own: number
  /** The limit per chat; missing: none here, the chats of an account limit themselves. */
  readonly ofChat?: number
}

/** An item that waits for a slot. */
type Waiting = AccountKey & { readonly chatKey: string }

/**
 * Slots for running work, distributed among orgs, their accounts and the accounts' chats. The one with the least running work is
 * next. While nobody else waits, an org may use all shared slots. An org always has its own slots, and an account with nothing
 * running always has one, so that work that never ends blocks only those who started it.
 */
export class FairSlots {
  readonly #count: SlotCounts
  readonly #held = new Tally()

  constructor(count: SlotCounts) {
    this.#count = count
  }

  /** Returns the items that may begin now, in turn; `waiting` lists each account's items in their order. */
  next<Item extends Waiting>(waiting: readonly Item[]): Item[] {
    const tally = this.#held.copy()
    const queues = queuesOf(waiting)
    const chosen: Item[] = []
    for (;;) {
      const next = this.#least(queues, tally)
      if (!next) return chosen
      next.queue.splice(next.queue.indexOf(next.item), 1)
      this.#add(tally, next.item, 1)
      chosen.push(next.item)
    }
  }

  /** Occupies a slot for an item. Call the returned function once to free it. */
  begin({ org, account, chatKey }: Waiting): () => void {
    const held = { org, account, chatKey }
    this.#add(this.#held, held, 1)
    return () => this.#add(this.#held, held, -1)
  }

  /** Whether an item of an account may begin, if its chat has room. */
  hasRoom(key: AccountKey): boolean {
    return this.#hasRoom(key, this.#held)
  }

  /** How many items may begin at most for an account with nothing running. */
  get most(): number {
    return this.#count.own + Math.max(1, this.#count.shared - this.#held.shared)
  }

  #least<Item extends Waiting>(queues: readonly Item[][], tally: Tally): { item: Item; queue: Item[] } | null {
    let least: { item: Item; queue: Item[] } | null = null
    for (const queue of queues) {
      const [first] = queue
      if (!first || !this.#hasRoom(first, tally) || (least && compare(first, least.item, tally) >= 0)) continue
      const item = this.#leastOf(queue, tally)
      if (item) least = { item, queue }
    }
    return least
  }

  /** The first item of the account's chat that has the least running work. */
  #leastOf<Item extends Waiting>(queue: readonly Item[], tally: Tally): Item | null {
    const { ofChat } = this.#count
    if (ofChat === undefined) return queue[0] ?? null
    const free = queue.filter(item => tally.of(chatOf(item)) < ofChat)
    return free.reduce<Item | null>(
      (least, item) => (least && tally.of(chatOf(least)) <= tally.of(chatOf(item)) ? least : item),
      null,
    )
  }

  #hasRoom(item: AccountKey, tally: Tally): boolean {
    const { shared, own } = this.#count
    return tally.of(item.org) < own || tally.shared < shared || tally.of(accountId(item)) === 0
  }

  #add(tally: Tally, item: Waiting, one: 1 | -1): void {
    tally.add(item.org, one, this.#count.own)
    tally.add(accountId(item), one)
    if (this.#count.ofChat !== undefined) tally.add(chatOf(item), one)
  }
}

/** Counts running items by the name of an org, an account or a chat. */
class Tally {
  readonly #counts: Map<string, number>
  /** How many items orgs run beyond their own slots. */
  shared: number

  constructor(counts: Iterable<readonly [string, number]> = [], shared = 0) {
    this.#counts = new Map(counts)
    this.shared = shared
  }

  copy(): Tally {
    return new Tally(this.#counts, this.shared)
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0
  }

  /** `own`: items above this number use shared slots. */
  add(name: string, one: 1 | -1, own = Number.POSITIVE_INFINITY): void {
    const before = this.of(name)
    const after = before + one
    this.shared += Math.max(0, after - own) - Math.max(0, before - own)
    if (after === 0) this.#counts.delete(name)
    else this.#counts.set(name, after)
  }
}

function queuesOf<Item extends Waiting>(waiting: readonly Item[]): Item[][] {
  const queues = new Map<string, Item[]>()
  for (const item of waiting) {
    const queue = queues.get(accountId(item))
    if (queue) queue.push(item)
    else queues.set(accountId(item), [item])
  }
  return [...queues.values()]
}

const chatOf = (item: Waiting): string => `${accountId(item)}/${item.chatKey}`

function compare(one: Waiting, other: Waiting, tally: Tally): number {
  return tally.of(one.org) - tally.of(other.org) || tally.of(accountId(one)) - tally.of(accountId(other))
}

/** Runs work as soon as the {@link FairSlots} have a slot for it. */
export class FairSlotQueue {
  readonly #places: FairSlots
  readonly #waiting: (Waiting & { readonly begin: () => void })[] = []

  constructor(count: SlotCounts) {
    this.#places = new FairSlots(count)
  }

  /** Runs the work once it has a slot, and returns its result. */
  async work<Result>(key: AccountKey & { readonly chatKey: string }, work: () => Promise<Result>): Promise<Result> {
    const end = await this.#place(key)
    try {
      return await work()
    } finally {
      end()
      this.#admit()
    }
  }

  #place({ org, account, chatKey }: Waiting): Promise<() => void> {
    return new Promise(resolve => {
      const item = { org, account, chatKey, begin: () => resolve(this.#places.begin(item)) }
      this.#waiting.push(item)
      this.#admit()
    })
  }

  #admit(): void {
    for (const item of this.#places.next(this.#waiting)) {
      this.#waiting.splice(this.#waiting.indexOf(item), 1)
      item.begin()
    }
  }
}
