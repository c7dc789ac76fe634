import { accountId, type AccountKey } from '../contract/ids.ts'

/** How much is done at a time. */
export type SlotCounts = {
  /** For callers, in turn. */
  readonly shared: number
  /** As many more for each org, which no other can take. */
  readonly own: number
  /** Of one chat; missing: the chats of an account see to that themselves. */
  readonly ofChat?: number
}

/** What waits for a place. */
type Waiting = AccountKey & { readonly chatKey: string }

/**
 * The places for what is under way, shared out among orgs, their accounts and those accounts' chats. The one that has least under way
 * is next. While nobody else waits an org has all that are shared; an org always has its own, and an account without anything under
 * way always one, so that what never ends holds up nobody but those who began it.
 */
export class FairSlots {
  readonly #count: SlotCounts
  readonly #held = new Tally()

  constructor(count: SlotCounts) {
    this.#count = count
  }

  /** Those that may begin now, in turn; `waiting`: of each account in its order. */
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

  /** One begins. It is over when what this answers with is called, once. */
  begin({ org, account, chatKey }: Waiting): () => void {
    const held = { org, account, chatKey }
    this.#add(this.#held, held, 1)
    return () => this.#add(this.#held, held, -1)
  }

  /** Whether one of an account may begin, if its chat may. */
  hasRoom(key: AccountKey): boolean {
    return this.#hasRoom(key, this.#held)
  }

  /** How many of an account that has none under way may begin at most. */
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

  /** The first of the chat of an account that has least under way. */
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

/** How much is under way, by the name of an org, an account or a chat. */
class Tally {
  readonly #counts: Map<string, number>
  /** What orgs have under way beyond their own places. */
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

  /** `own`: from how many on they are shared ones. */
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

/** Waits for a place among the {@link FairSlots}, and does work there. */
export class FairSlotQueue {
  readonly #places: FairSlots
  readonly #waiting: (Waiting & { readonly begin: () => void })[] = []

  constructor(count: SlotCounts) {
    this.#places = new FairSlots(count)
  }

  /** What the work comes to, done once it has a place. */
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
