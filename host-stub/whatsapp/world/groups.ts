import type { Account } from './accounts.ts'
import type { Address } from '../wire/address.ts'

export type AddressingMode = 'lid' | 'pn'

/** How long messages are kept, in seconds, and when that was set (s UTC). */
export interface ChatTimer {
  seconds: number
  setAt: number
}

export interface Group {
  id: string
  subject: string
  addressingMode: AddressingMode
  members: Account[]
  /** The creator, and members who were made admins. */
  admins: Set<Account>
  createdAt: number
  /** How long messages are kept, and since when; missing: forever. */
  timer?: ChatTimer
  /** Whether the member list also contains the other address of each member. */
  revealsAlternates: boolean
}

const firstGroup = 120_363_000_000_000_000n

export class Groups {
  readonly #byId = new Map<string, Group>()

  create(draft: Omit<Group, 'id' | 'createdAt' | 'admins'>): Group {
    const admins = new Set(draft.members.slice(0, 1))
    const group = { ...draft, admins, id: `${firstGroup + BigInt(this.#byId.size + 1)}@g.us`, createdAt: Date.now() }
    this.#byId.set(group.id, group)
    return group
  }

  at({ user }: Address): Group | undefined {
    return this.#byId.get(`${user}@g.us`)
  }

  called(idOrSubject: string): Group | undefined {
    return this.#byId.get(idOrSubject) ?? this.all().find(({ subject }) => subject === idOrSubject)
  }

  of(account: Account): Group[] {
    return this.all().filter(({ members }) => members.includes(account))
  }

  all(): Group[] {
    return [...this.#byId.values()]
  }
}
