import { type Backoff, createBackoff } from '../base/backoff.ts'
import type { CheckedContacts, Contact, LookupOutcome, LookupWait } from '../contract/contact.ts'
import { isUp, type ConnectionState } from '../contract/connection.ts'
import { asChannelError } from '../contract/errors/errors.ts'
import { unreachable } from '../contract/errors/unreachable.ts'
import type { Gateway } from '../contract/gateway-protocol.ts'
import type { Log } from '../contract/host.ts'
import { accountId, type AccountKey, masked, type OrgId, type Phone } from '../contract/ids.ts'
import type { Limits } from '../config/send-limits.ts'
import {
  findContact,
  hasWrittenFrom,
  keepContact,
  nextLookupAt,
  noteLookup,
  standingsOf,
  type LookupBudget,
  type Standing,
} from '../store/people/contacts.ts'
import type { Store } from '../store/database.ts'
import type { StoredSend } from '../store/sends/sends.ts'

/** WhatsApp has said that this is too much. */
const TOO_MUCH = 429
const TOO_MUCH_MS = 3_600_000

/** What knowing contacts needs. */
export type NumberLookupParts = {
  readonly store: Store
  readonly gateway: Gateway
  readonly log: Log
  /** The budget holds also while nothing is paced. */
  readonly limits: (org: OrgId) => Pick<Limits, 'lookups_per_hour' | 'lookups_per_day'>
  readonly random: () => number
}

/** How a question for a number ended: WhatsApp answered it, now or before; or it waits until an instant, and why. */
export type Looked =
  | { readonly outcome: 'answered' }
  | { readonly outcome: 'waits'; readonly why: Exclude<LookupWait, 'lookup'>; readonly until: number }

/** How much of a budget may be spent. */
export type Share = 'whole' | 'half'

type Failure = { readonly backoff: Backoff; until: number }

/** What a send that is not asked for waits for, and until when at the least; null: it may be asked for now. */
export type LookupProspect = { readonly why: LookupWait; readonly until: number | null }

const ANSWERED: Looked = { outcome: 'answered' }

/**
 * Who is on WhatsApp, and by which number: asked once for all who want to know, kept for 30 days, and never asked more often
 * than an account may, since many lookups are what spammers are known by. Each number that is asked for counts.
 */
export class NumberLookup {
  readonly #parts: NumberLookupParts
  readonly #underWay = new Map<string, Promise<Looked>>()
  readonly #listeners = new Set<(key: AccountKey) => void>()
  /** How often WhatsApp has answered the accounts of an org. */
  readonly #answers = new Map<OrgId, number>()
  readonly #failures = new Map<string, Failure>()
  /** Until when accounts ask nothing, because WhatsApp said that it is too much. */
  readonly #pauses = new Map<string, number>()

  constructor(parts: NumberLookupParts) {
    this.#parts = parts
  }

  /** How the recipients of sends stand that may speak first. */
  async standings(key: AccountKey, sends: readonly StoredSend[]): Promise<Map<string, Standing>> {
    await this.#parts.store.clock.settle()
    const ids = sends.map(({ id }) => id)
    return standingsOf(this.#parts.store.connection, key, ids)
  }

  /** Somebody is told whenever WhatsApp has said of a number how it has it, and the store has that. */
  listen(listener: (key: AccountKey) => void): void {
    this.#listeners.add(listener)
  }

  /** Another number whenever WhatsApp has said something to an account of the org. */
  answersOf(org: OrgId): number {
    return this.#answers.get(org) ?? 0
  }

  /** Has WhatsApp asked for a number unless that is known, within the whole budget or half of it; never rejects. */
  lookUp(key: AccountKey, number: Phone, share: Share = 'whole'): Promise<Looked> {
    const name = nameOf(key, number)
    const underWay = this.#underWay.get(name)
    if (underWay) return underWay
    const looking = this.#lookUp(key, number, share)
      .catch((error: unknown) => this.#failed(key, number, { outcome: asChannelError(error).code, code: null }))
      .finally(() => this.#underWay.delete(name))
    this.#underWay.set(name, looking)
    return looking
  }

  /** What a send waits for as far as its number goes; null when that holds it up no more. */
  async prospect(send: StoredSend): Promise<LookupProspect | null> {
    if (!send.askFirst || send.transmittedAt !== null) return null
    const standing = (await this.standings(send, [send])).get(send.id)
    if (standing?.how !== 'unasked') return null
    if (this.#underWay.has(nameOf(send, standing.phone))) return { why: 'lookup', until: null }
    const wait = await this.#wait(send, standing.phone)
    return wait ?? { why: 'lookup', until: null }
  }

  /**
   * Says of each number whether it is on WhatsApp and by which number. What is known is answered also when no other may be
   * asked for. @throws ChannelError `gateway_unreachable` when one could be asked for and was not answered.
   */
  async check(key: AccountKey, numbers: readonly Phone[], state: ConnectionState): Promise<CheckedContacts> {
    const contacts = new Map<Phone, Contact>()
    const instants: number[] = []
    for (const number of numbers) {
      const known = await this.#known(key, number)
      if (known) contacts.set(number, known)
    }
    const unknown = [...new Set(numbers)].filter(number => !contacts.has(number))
    if (unknown.length > 0 && !isUp(state)) throw unreachable('no_network')
    const looked = await Promise.all(unknown.map(number => this.lookUp(key, number)))
    for (const [index, number] of unknown.entries()) {
      const end = looked[index]
      const known = await this.#known(key, number)
      if (known) contacts.set(number, known)
      else if (end?.outcome === 'waits' && end.why === 'lookup_budget') instants.push(end.until)
      else throw unreachable('refused')
    }
    const found = numbers.flatMap(number => contacts.get(number) ?? [])
    return { contacts: found, retryAt: instants.length === 0 ? null : Math.min(...instants) }
  }

  /** Waits for what is asked now, which ends at the latest with the gateway. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay.values())
  }

  async #known(key: AccountKey, number: Phone): Promise<Contact | undefined> {
    const { connection } = this.#parts.store
    const kept = await findContact(connection, key, number)
    if (kept) return kept
    return (await hasWrittenFrom(connection, key, number)) ? { number, address: number } : undefined
  }

  #budget(org: OrgId, share: Share = 'whole'): LookupBudget {
    const { lookups_per_hour: perHour, lookups_per_day: perDay } = this.#parts.limits(org)
    if (share === 'whole') return { perHour, perDay }
    return { perHour: Math.ceil(perHour / 2), perDay: Math.ceil(perDay / 2) }
  }

  /** Why a number is not asked for now; null when it may be. */
  async #wait(key: AccountKey, number: Phone): Promise<Extract<LookupProspect, { until: number | null }> | null> {
    const now = Date.now()
    const failedUntil = this.#failures.get(nameOf(key, number))?.until ?? 0
    if (failedUntil > now) return { why: 'lookup_failed', until: failedUntil }
    const budgetAt = await nextLookupAt(this.#parts.store.connection, key, this.#budget(key.org))
    const until = Math.max(this.#pauses.get(accountId(key)) ?? 0, budgetAt ?? 0)
    return until > now ? { why: 'lookup_budget', until } : null
  }

  async #lookUp(key: AccountKey, number: Phone, share: Share): Promise<Looked> {
    const { store, gateway, log } = this.#parts
    const { org, account } = key
    await store.clock.settle()
    const failed = this.#failures.get(nameOf(key, number))
    if (failed && failed.until > Date.now()) return { outcome: 'waits', why: 'lookup_failed', until: failed.until }
    const room = await this.#takeRoom(key, number, share)
    if (room === 'written') {
      this.#told(key)
      return ANSWERED
    }
    if (room !== 'taken') return room
    log.info({ org, account, number: masked({ lid: null, phone: number }) }, 'number asked for')
    const outcome = await gateway.call('contact.lookup', { org, account, number })
    if (outcome.outcome === 'unanswered') return this.#failed(key, number, outcome)
    this.#failures.delete(nameOf(key, number))
    return this.#answered(key, number, outcome)
  }

  /** Notes that a number is asked for, in the same transaction that finds room for it; who has written has the number they wrote from. */
  #takeRoom(key: AccountKey, number: Phone, share: Share): Promise<Looked | 'taken' | 'written'> {
    const paused = this.#pauses.get(accountId(key)) ?? 0
    return this.#parts.store.transaction(async transaction => {
      if (await findContact(transaction, key, number)) return ANSWERED
      if (await hasWrittenFrom(transaction, key, number)) {
        await keepContact(transaction, key, { number, address: number })
        return 'written'
      }
      const until = Math.max(paused, (await nextLookupAt(transaction, key, this.#budget(key.org, share))) ?? 0)
      if (until > Date.now()) return { outcome: 'waits', why: 'lookup_budget', until }
      await noteLookup(transaction, key, number)
      return 'taken'
    })
  }

  async #answered(
    key: AccountKey,
    number: Phone,
    outcome: Exclude<LookupOutcome, { outcome: 'unanswered' }>,
  ): Promise<Looked> {
    const { store, log } = this.#parts
    const { org, account } = key
    const address = outcome.outcome === 'found' ? (outcome.person.phone ?? number) : null
    await store.transaction(transaction => keepContact(transaction, key, { number, address }))
    const isSpelled = address !== null && address !== number
    const fields = { org, account, number: masked({ lid: null, phone: number }) }
    log.info({ ...fields, outcome: outcome.outcome, spelled: isSpelled }, 'number answered')
    this.#told(key)
    return ANSWERED
  }

  #told(key: AccountKey): void {
    this.#answers.set(key.org, this.answersOf(key.org) + 1)
    for (const listener of this.#listeners) listener(key)
  }

  #failed(key: AccountKey, number: Phone, { outcome, code }: { outcome: string; code: number | null }): Looked {
    const { log, random } = this.#parts
    const { org, account } = key
    const name = nameOf(key, number)
    const failure = this.#failures.get(name) ?? { backoff: createBackoff(random), until: 0 }
    failure.until = Date.now() + failure.backoff.next(0)
    this.#failures.set(name, failure)
    if (code === TOO_MUCH) this.#pauses.set(accountId(key), Date.now() + TOO_MUCH_MS)
    log.warn({ org, account, number: masked({ lid: null, phone: number }), outcome, code }, 'number not answered')
    return { outcome: 'waits', why: 'lookup_failed', until: failure.until }
  }
}

const nameOf = (key: AccountKey, number: Phone): string => `${accountId(key)} ${number}`
