import type { Account } from './accounts.ts'
import type { Address } from '../wire/address.ts'

export type AddressingMode = 'lid' | 'pn'

/** In seconds. */
export interface ChatTimer {
  seconds: number
  setAt: number
}

export interface Group {
  id: string
  subject: string
  addressingMode: AddressingMode
  members: Account[]
  /** Who made it, and those who were made one. */
  admins: Set<Account>
  createdAt: number
  /** How long what is said there stays, and since when that is so; missing: for good. */
  timer?: ChatTimer
  /** Whether the member list names the other address of each member as well. */
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
