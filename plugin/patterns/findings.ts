import type { Binding } from '../contract/binding.ts'
import type { Person } from '../contract/ids.ts'
import { STEPS_OF_A_TEXT, STEPS_OF_A_TRANSACTION } from './search-cost.ts'
import { nameOf } from './slow-senders.ts'

/** The result of searching a pattern in a text. `too_slow`: the search would take too long. */
export type Finding = 'found' | 'absent' | 'too_slow'

/** The text of a person. The same text of two people is searched for each of them, so that the time is charged to both. */
export type Said = { readonly text: string; readonly sender: Person }

/** A text in which the patterns of bindings must be searched, in their order, until one is found. */
export type Wanted = Said & { readonly bindings: readonly Binding[] }

const keyOf = ({ text, sender }: Said): string => `${nameOf(sender)} ${text}`

/** Thrown if work needs more searches than may run at once. The work is tried again when these texts have been searched. */
export class Unsearched extends Error {
  readonly wanted: readonly Wanted[]

  constructor(wanted: readonly Wanted[]) {
    super('texts are to be searched first')
    this.wanted = wanted
  }
}

/** Does the work and returns the searches it needs first; empty if the work was done. */
export async function wantedFor(work: () => Promise<void>): Promise<readonly Wanted[]> {
  try {
    await work()
    return []
  } catch (error) {
    if (error instanceof Unsearched) return error.wanted
    throw error
  }
}

/** How many characters are collected for one search ahead: the texts are kept in memory until then. */
const WANTED_LETTERS = 16_777_216

/** Collects the searches that several pieces of work need. */
export class AllWanted {
  readonly #wanted: Wanted[] = []
  #letters = 0

  /** Whether enough was collected for one search ahead. */
  get isFull(): boolean {
    return this.#letters >= WANTED_LETTERS
  }

  async by(work: () => Promise<void>): Promise<void> {
    for (const each of await wantedFor(work)) {
      this.#wanted.push(each)
      this.#letters += each.text.length
    }
  }

  /** @throws Unsearched if any work needs searches. */
  throwAny(): void {
    if (this.#wanted.length > 0) throw new Unsearched(this.#wanted)
  }
}

/** The results of searches ahead of a transaction, and the amount that the transaction may still search itself. */
export class Findings {
  readonly #known = new Map<string, Map<string, Finding>>()
  #isLast = false
  #steps = STEPS_OF_A_TRANSACTION

  note(said: Said, pattern: string, finding: Finding): void {
    const key = keyOf(said)
    const known = this.#known.get(key) ?? new Map<string, Finding>()
    this.#known.set(key, known.set(pattern, finding))
  }

  /** A transaction begins. `isLast`: it searches no further, so unknown results count as too slow. */
  begin(isLast: boolean): void {
    this.#isLast = isLast
    this.#steps = STEPS_OF_A_TRANSACTION
  }

  /** Returns a function that gives the result of each pattern in a text; null if it must be searched ahead. */
  in(said: Said): (pattern: string, steps: number, search: () => boolean | null) => Finding | null {
    const known = this.#known.get(keyOf(said))
    let left = STEPS_OF_A_TEXT
    return (pattern, steps, search) => {
      const before = known?.get(pattern)
      if (before) return before
      if (steps <= Math.min(left, this.#steps)) {
        left -= steps
        this.#steps -= steps
        const isThere = search()
        if (isThere !== null) return isThere ? 'found' : 'absent'
      }
      return this.#isLast ? 'too_slow' : null
    }
  }
}
