import type { NumberLookup, Looked } from '../contacts/number-lookup.ts'
import type { AccountKey, Chat, Phone } from '../contract/ids.ts'
import type { Standing } from '../store/people/contacts.ts'
import type { StoredSend } from '../store/sends/sends.ts'

/** Waiting sends, sorted by what is known about their recipients' numbers. */
export type Sifted = {
  /** The recipient may be written to. */
  readonly ready: readonly StoredSend[]
  /** The number is not on WhatsApp. */
  readonly absent: readonly StoredSend[]
  /** WhatsApp has to be asked for the number when the send's turn has come, and may be asked now. */
  readonly unasked: ReadonlyMap<StoredSend, Phone>
  /** When to check the remaining sends again. */
  readonly nextAt: number
}

/** Checks the recipients of an account's sends. WhatsApp is asked for a number when its send's turn has come. */
export class RecipientCheck {
  readonly #key: AccountKey
  readonly #contacts: Pick<NumberLookup, 'standings' | 'lookUp'>
  readonly #onLooked: () => void
  readonly #underWay = new Set<Phone>()
  /** Until when a number is not looked up again after a failed lookup. */
  readonly #failed = new Map<Phone, number>()
  /** Until when no number is looked up, because the lookup budget is used up. */
  #restsUntil = 0

  /** `onLooked`: called after a lookup, when the state of sends may have changed. */
  constructor(key: AccountKey, contacts: Pick<NumberLookup, 'standings' | 'lookUp'>, onLooked: () => void) {
    this.#key = key
    this.#contacts = contacts
    this.#onLooked = onLooked
  }

  async sift(waiting: readonly StoredSend[]): Promise<Sifted> {
    const first = waiting.filter(({ askFirst, transmittedAt }) => askFirst && transmittedAt === null)
    const [ready, absent, unasked] = [[] as StoredSend[], [] as StoredSend[], new Map<StoredSend, Phone>()]
    let nextAt = Number.POSITIVE_INFINITY
    if (first.length === 0) return { ready: waiting, absent, unasked, nextAt }
    const [standings, now] = [await this.#contacts.standings(this.#key, first), Date.now()]
    for (const send of waiting) {
      const standing = standings.get(send.id)
      const waitsUntil = standing && this.#waitsUntil(send, standing)
      if (waitsUntil !== undefined && waitsUntil > now) nextAt = Math.min(nextAt, waitsUntil)
      else if (standing?.how === 'unasked') unasked.set(send, standing.phone)
      else if (standing?.how === 'absent') absent.push(send)
      else ready.push(send)
    }
    return { ready, absent, unasked, nextAt }
  }

  /** Looks numbers up. */
  ask(numbers: readonly Phone[]): void {
    for (const number of new Set(numbers)) if (!this.#underWay.has(number)) this.#look(number)
  }

  /** The connection or the settings have changed, so lookups that failed before may work now. */
  forget(): void {
    this.#failed.clear()
    this.#restsUntil = 0
  }

  #waitsUntil(send: StoredSend, standing: Standing): number {
    // The send was read before WhatsApp reported another spelling of its number, so it may belong to another chat now.
    if (standing.chatKey !== send.chatKey || phoneIn(send.chat) !== standing.phone) return Date.now() + 1
    if (standing.how !== 'unasked') return 0
    return Math.max(this.#restsUntil, this.#failed.get(standing.phone) ?? 0)
  }

  #look(number: Phone): void {
    this.#underWay.add(number)
    void this.#contacts.lookUp(this.#key, number).then((looked: Looked) => {
      this.#underWay.delete(number)
      if (looked.outcome === 'answered') this.#failed.delete(number)
      else if (looked.why === 'lookup_budget') this.#restsUntil = looked.until
      else this.#failed.set(number, looked.until)
      this.#onLooked()
    })
  }
}

const phoneIn = (chat: Chat): Phone | null => (chat.kind === 'direct' ? chat.peer.phone : null)
