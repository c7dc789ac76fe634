import type { OrgId, Person } from '../contract/ids.ts'

const WITHIN_MS = 3_600_000
const MOST = 3
/** The most senders remembered. Each took a fifth of a second, so more of them do not fit into ten minutes. */
const MOST_SENDERS = 3_000

/** The name that identifies a person: the LID, if known. */
export const nameOf = ({ lid, phone }: Person): string => lid ?? phone ?? ''

/**
 * Senders whose texts took too long to search. After three such texts within an hour, a sender's texts are only searched if that
 * needs no worker: the sender has cost the org enough, and its other senders wait.
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
