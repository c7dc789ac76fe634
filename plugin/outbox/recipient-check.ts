import type { NumberLookup, Looked } from '../contacts/number-lookup.ts'
import type { AccountKey, Chat, Phone } from '../contract/ids.ts'
import type { Standing } from '../store/people/contacts.ts'
import type { StoredSend } from '../store/sends/sends.ts'

/** Of the sends that wait, as far as their numbers go. */
export type Sifted = {
  /** Their recipient may be written to. */
  readonly ready: readonly StoredSend[]
  /** Nobody has their number. */
  readonly absent: readonly StoredSend[]
  /** WhatsApp is to be asked for their number once their turn has come, and may be now. */
  readonly unasked: ReadonlyMap<StoredSend, Phone>
  /** When to look again at those that are none of these. */
  readonly nextAt: number
}

/** Whom an account's sends go to: WhatsApp is asked for a number once the turn of its send has come. */
export class RecipientCheck {
  readonly #key: AccountKey
  readonly #contacts: Pick<NumberLookup, 'standings' | 'lookUp'>
  readonly #onLooked: () => void
  readonly #underWay = new Set<Phone>()
  /** Until when each number is not asked for again, because that failed. */
  readonly #failed = new Map<Phone, number>()
  /** Until when no number is asked for, because too many were. */
  #restsUntil = 0

  /** `onLooked`: numbers were asked for, and how their sends stand may have changed. */
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

  /** Has numbers asked for. */
  ask(numbers: readonly Phone[]): void {
    for (const number of new Set(numbers)) if (!this.#underWay.has(number)) this.#look(number)
  }

  /** The line is another one, or the settings are: what could not be asked for before may be now. */
  forget(): void {
    this.#failed.clear()
    this.#restsUntil = 0
  }

  #waitsUntil(send: StoredSend, standing: Standing): number {
    // It was read before WhatsApp named another number for it: as it is now, it is in another chat perhaps.
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
