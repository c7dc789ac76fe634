import type { OrgId, Person } from '../contract/ids.ts'

const WITHIN_MS = 3_600_000
const MOST = 3
/** Each of them took a fifth of a second: more do not fit into ten minutes. */
const MOST_SENDERS = 3_000

/** How a person is told apart from others: by the LID, where it is known. */
export const nameOf = ({ lid, phone }: Person): string => lid ?? phone ?? ''

/**
 * Whose texts took too long to be searched. After three within an hour what they write that is not searched at once is searched no
 * more: a sender who does that has cost their org enough, and the others of it wait.
 */
export class SlowSenders {
  readonly #slow = new Map<string, readonly number[]>()

  note(org: OrgId, sender: Person, at: number): void {
    const name = `${org} ${nameOf(sender)}`
    const before = this.#slow.get(name) ?? []
    this.#slow.delete(name)
    this.#slow.set(name, [...before, at].slice(-MOST))
    const [oldest] = this.#slow.keys()
    if (oldest !== undefined && this.#slow.size > MOST_SENDERS) this.#slow.delete(oldest)
  }

  isOne(org: OrgId, sender: Person, at: number): boolean {
    const slow = this.#slow.get(`${org} ${nameOf(sender)}`) ?? []
    return slow.filter(each => each > at - WITHIN_MS).length >= MOST
  }
}
