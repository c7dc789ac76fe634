import type { Binding } from '../contract/binding.ts'
import type { Person } from '../contract/ids.ts'
import { STEPS_OF_A_TEXT, STEPS_OF_A_TRANSACTION } from './search-cost.ts'
import { nameOf } from './slow-senders.ts'

/** What is known of a pattern in a text. `too_slow`: that cannot be said in time. */
export type Finding = 'found' | 'absent' | 'too_slow'

/** What somebody says. The same of two people is searched for each: both answer for what that takes. */
export type Said = { readonly text: string; readonly sender: Person }

/** A text in which the patterns of bindings are searched, in their order, until one is there. */
export type Wanted = Said & { readonly bindings: readonly Binding[] }

const keyOf = ({ text, sender }: Said): string => `${nameOf(sender)} ${text}`

/** Whatever threw it needs more than may be searched at once: it is to be tried again when it is known what is in these texts. */
export class Unsearched extends Error {
  readonly wanted: readonly Wanted[]

  constructor(wanted: readonly Wanted[]) {
    super('texts are to be searched first')
    this.wanted = wanted
  }
}

/** What is to be searched before something can be done; nothing when it was done. */
export async function wantedFor(work: () => Promise<void>): Promise<readonly Wanted[]> {
  try {
    await work()
    return []
  } catch (error) {
    if (error instanceof Unsearched) return error.wanted
    throw error
  }
}

/** So many letters are searched ahead at a time: they are kept until then. */
const WANTED_LETTERS = 16_777_216

/** What is to be searched before several things can be done, each of which is let want something. */
export class AllWanted {
  readonly #wanted: Wanted[] = []
  #letters = 0

  /** It is as much as is searched at a time. */
  get isFull(): boolean {
    return this.#letters >= WANTED_LETTERS
  }

  async by(work: () => Promise<void>): Promise<void> {
    for (const each of await wantedFor(work)) {
      this.#wanted.push(each)
      this.#letters += each.text.length
    }
  }

  /** @throws Unsearched when anything wanted something. */
  throwAny(): void {
    if (this.#wanted.length > 0) throw new Unsearched(this.#wanted)
  }
}

/** What is known of texts that were searched ahead of a transaction, and how much it may search by itself. */
export class Findings {
  readonly #known = new Map<string, Map<string, Finding>>()
  #isLast = false
  #steps = STEPS_OF_A_TRANSACTION

  note(said: Said, pattern: string, finding: Finding): void {
    const key = keyOf(said)
    const known = this.#known.get(key) ?? new Map<string, Finding>()
    this.#known.set(key, known.set(pattern, finding))
  }

  /** A transaction begins. `isLast`: what is not known in it is not searched any more. */
  begin(isLast: boolean): void {
    this.#isLast = isLast
    this.#steps = STEPS_OF_A_TRANSACTION
  }

  /** Says of each pattern what it finds in what somebody says; null when it is to be searched ahead. */
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
