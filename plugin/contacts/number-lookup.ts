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

/** WhatsApp's code for too many lookups. */
const TOO_MUCH = 429
const TOO_MUCH_MS = 3_600_000

/** What looking up numbers needs. */
export type NumberLookupParts = {
  readonly store: Store
  readonly gateway: Gateway
  readonly log: Log
  /** The lookup budget applies even if sends are not paced. */
  readonly limits: (org: OrgId) => Pick<Limits, 'lookups_per_hour' | 'lookups_per_day'>
  readonly random: () => number
}

/** The result of a lookup: WhatsApp has answered, now or before; or the lookup waits until an instant, and why. */
export type Looked =
  | { readonly outcome: 'answered' }
  | { readonly outcome: 'waits'; readonly why: Exclude<LookupWait, 'lookup'>; readonly until: number }

/** How much of the lookup budget may be used. */
export type Share = 'whole' | 'half'

type Failure = { readonly backoff: Backoff; until: number }

/** Why a send waits for the lookup of its number, and until when at least; `until` is null if the lookup may run now. */
export type LookupProspect = { readonly why: LookupWait; readonly until: number | null }

const ANSWERED: Looked = { outcome: 'answered' }

/**
 * Finds out which numbers are on WhatsApp, and how WhatsApp spells them. Each number is looked up once for all callers, and the
 * answer is kept for 30 days. Lookups stay within the account's budget, because many lookups are a mark of spammers. Every number
 * asked for counts.
 */
export class NumberLookup {
  readonly #parts: NumberLookupParts
  readonly #underWay = new Map<string, Promise<Looked>>()
  readonly #listeners = new Set<(key: AccountKey) => void>()
  /** How often WhatsApp has answered the accounts of an org. */
  readonly #answers = new Map<OrgId, number>()
  readonly #failures = new Map<string, Failure>()
  /** Until when accounts look up nothing, because WhatsApp reported too many lookups. */
  readonly #pauses = new Map<string, number>()

  constructor(parts: NumberLookupParts) {
    this.#parts = parts
  }

  /** What is known about the recipients of sends that may write first. */
  async standings(key: AccountKey, sends: readonly StoredSend[]): Promise<Map<string, Standing>> {
    await this.#parts.store.clock.settle()
    const ids = sends.map(({ id }) => id)
    return standingsOf(this.#parts.store.connection, key, ids)
  }

  /** Adds a listener that is called each time WhatsApp's answer about a number has been stored. */
  listen(listener: (key: AccountKey) => void): void {
    this.#listeners.add(listener)
  }

  /** A number that changes whenever WhatsApp has answered an account of the org. */
  answersOf(org: OrgId): number {
    return this.#answers.get(org) ?? 0
  }

  /** Has WhatsApp asked for a number unless the answer is known, within the whole budget or half of it. Never rejects. */
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

  /** Why a send waits as far as its number is concerned; null if the number does not hold it up. */
  async prospect(send: StoredSend): Promise<LookupProspect | null> {
    if (!send.askFirst || send.transmittedAt !== null) return null
    const standing = (await this.standings(send, [send])).get(send.id)
    if (standing?.how !== 'unasked') return null
    if (this.#underWay.has(nameOf(send, standing.phone))) return { why: 'lookup', until: null }
    const wait = await this.#wait(send, standing.phone)
    return wait ?? { why: 'lookup', until: null }
  }

  /**
   * Checks for each number whether it is on WhatsApp, and how WhatsApp spells it. Known answers are returned even if no lookup is
   * allowed now. @throws ChannelError `gateway_unreachable` if a lookup was allowed and was not answered.
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

  /** Waits for the lookups under way. They end when the gateway ends, at the latest. */
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

  /** Why a number cannot be looked up now; null if it can. */
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

  /**
   * Records a lookup in the same transaction that checks the budget for it. For a person who has written, the number they wrote
   * from is known without a lookup.
   */
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
