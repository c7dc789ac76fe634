import { setTimeout as wait } from 'node:timers/promises'

import type { Settings } from '../config/settings.ts'
import type { NumberLookup, Looked } from '../contacts/number-lookup.ts'
import { errorFields } from '../contract/errors/error-fields.ts'
import type { Log } from '../contract/host.ts'
import { type AccountKey, type OrgId, parsePhone, type Phone } from '../contract/ids.ts'
import type { NamedBy, NamedNumber } from '../contract/contact.ts'
import { WakeLoop } from '../base/wake-loop.ts'
import { numbersIn } from './match-rule.ts'
import { twinOf } from '../contacts/spellings.ts'
import { listAccountsOf } from '../store/accounts/accounts.ts'
import { listBindings } from '../store/accounts/bindings.ts'
import { listSpellings, numbersAmongPeople, numbersAnswered, writersAmong } from '../store/people/contacts.ts'
import type { Store } from '../store/database.ts'

/** What is needed to ask WhatsApp for the numbers that bindings, roles and approvers name. */
export type NamedNumberParts = {
  readonly store: Pick<Store, 'connection'>
  readonly contacts: Pick<NumberLookup, 'lookUp'>
  readonly settings: (org: OrgId) => Pick<Settings, 'roles' | 'approvers'>
  /** The org's accounts that can ask WhatsApp now. */
  readonly connected: (org: OrgId) => Promise<readonly AccountKey[]>
  readonly log: Log
}

const PATIENCE_MS = 5_000
const LEAST_WAIT_MS = 1_000

/**
 * The numbers that bindings, roles and approvers name. WhatsApp is asked for each of them when one of the org's accounts connects,
 * when the named numbers change, and again until it has answered. Numbers are asked for one at a time. Those come first that may
 * belong to a person who has written under another spelling. At most half of an account's lookups are spent on them, so that sends
 * have the rest. While WhatsApp's spelling of a number is unknown, the number only matches a person with exactly that number.
 */
export class NamedNumbers {
  readonly #parts: NamedNumberParts
  readonly #sweeps = new Map<OrgId, WakeLoop>()
  /** The timers for orgs for which WhatsApp did not answer, or could not be asked. */
  readonly #later = new Map<OrgId, NodeJS.Timeout>()
  #stopped = false

  constructor(parts: NamedNumberParts) {
    this.#parts = parts
  }

  /** Stops asking. */
  stop(): void {
    this.#stopped = true
    for (const timer of this.#later.values()) clearTimeout(timer)
  }

  /** Waits for the work under way. */
  async settled(): Promise<void> {
    await Promise.all([...this.#sweeps.values()].map(sweep => sweep.close()))
  }

  /**
   * Has WhatsApp asked for these numbers before all others, and waits a while for the answers. Does nothing if no account can ask.
   */
  async ask(org: OrgId, numbers: readonly Phone[]): Promise<void> {
    const asked = this.#askFor(org, numbers)
    void asked.catch((error: unknown) => this.#failed(error))
    await Promise.race([asked, wait(PATIENCE_MS, undefined, { ref: false })])
  }

  /** Has WhatsApp asked for all named numbers that are not known yet. */
  async clear(org: OrgId): Promise<void> {
    if (this.#stopped) return
    const known = this.#sweeps.get(org)
    const sweep = known ?? new WakeLoop(() => this.#sweep(org).catch((error: unknown) => this.#failed(error)))
    this.#sweeps.set(org, sweep)
    await sweep.wake()
  }

  /** The numbers that the settings name, with WhatsApp's spelling for the org. */
  async list(org: OrgId): Promise<NamedNumber[]> {
    const { connection } = this.#parts.store
    const named = this.#inSettings(org)
    const numbers = [...named.keys()]
    const spellings = await listSpellings(connection, org, numbers)
    const own = await this.#own(org)
    return numbers.map(number => {
      const address = own.has(number) ? number : spellings.get(number)
      return { number, namedBy: named.get(number) ?? [], address }
    })
  }

  #inSettings(org: OrgId): Map<Phone, NamedBy[]> {
    const { approvers, roles } = this.#parts.settings(org)
    const named = new Map<Phone, NamedBy[]>()
    const note = (addresses: Iterable<string>, by: NamedBy): void => {
      for (const number of [...addresses].flatMap(address => parsePhone(address) ?? []))
        named.set(number, [...(named.get(number) ?? []), by])
    }
    note(approvers, 'approver')
    note(roles.keys(), 'role')
    return named
  }

  async #sweep(org: OrgId): Promise<void> {
    const { connection } = this.#parts.store
    const inRules = (await listBindings(connection, org)).flatMap(({ rule }) => numbersIn(rule))
    const named = [...new Set([...this.#inSettings(org).keys(), ...inRules])]
    const twins = new Map(named.flatMap(number => (twinOf(number) ? [[twinOf(number) as Phone, number] as const] : [])))
    const people = await numbersAmongPeople(connection, org, [...twins.keys()])
    await this.#askFor(org, [...new Set([...people.flatMap(phone => twins.get(phone) ?? []), ...named])])
  }

  async #askFor(org: OrgId, numbers: readonly Phone[]): Promise<void> {
    const { store, contacts, connected } = this.#parts
    const [own, answered] = [await this.#own(org), await numbersAnswered(store.connection, org, numbers)]
    const unknown = numbers.filter(number => !answered.has(number) && !own.has(number))
    const writers = await writersAmong(store.connection, org, unknown)
    // This lookup needs no request.
    for (const [number, key] of writers) await contacts.lookUp(key, number)
    const queue = unknown.filter(number => !writers.has(number))
    if (queue.length === 0) return
    const waits: Looked[] = []
    const askers = await connected(org)
    await Promise.all(askers.map(key => this.#askOneByOne(key, queue, waits)))
    this.#clearLater(org, waits, queue.length)
  }

  /** Takes one number at a time from the queue that the org's other accounts share. */
  async #askOneByOne(key: AccountKey, queue: Phone[], waits: Looked[]): Promise<void> {
    const { contacts, connected } = this.#parts
    for (let number = queue.shift(); number !== undefined; number = this.#stopped ? undefined : queue.shift()) {
      const looked = await contacts.lookUp(key, number, 'half')
      if (looked.outcome === 'answered') continue
      waits.push(looked)
      // Another account may have lookups left for this number.
      if (looked.why === 'lookup_budget') return void queue.unshift(number)
      const up = await connected(key.org)
      if (!up.some(({ account }) => account === key.account)) return
    }
  }

  /** The numbers of the org's own accounts, which need no lookup. */
  async #own(org: OrgId): Promise<Set<Phone>> {
    const accounts = await listAccountsOf(this.#parts.store.connection, org)
    return new Set(accounts.flatMap(({ phone }) => phone ?? []))
  }

  #clearLater(org: OrgId, looked: readonly Looked[], left: number): void {
    const instants = looked.flatMap(each => (each.outcome === 'waits' ? [each.until] : []))
    if (this.#stopped || instants.length === 0) return
    clearTimeout(this.#later.get(org))
    const waitMs = Math.max(LEAST_WAIT_MS, Math.min(...instants) - Date.now())
    const again = new Date(Date.now() + waitMs).toISOString()
    const failed = looked.filter(each => each.outcome === 'waits' && each.why === 'lookup_failed').length
    this.#parts.log.info({ org, unknown: left + failed, again }, 'named numbers not known yet')
    this.#later.set(
      org,
      setTimeout(() => void this.clear(org), waitMs),
    )
  }

  #failed(error: unknown): void {
    this.#parts.log.error({ ...errorFields(error) }, 'named numbers not asked for')
  }
}
