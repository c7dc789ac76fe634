import type { Contacts, Looked } from './contacts.ts'
import type { AccountKey, OrgId, Phone } from './contract/ids.ts'
import { numbersIn } from './rule.ts'
import { twinOf } from './spellings.ts'
import { listBindings } from './store/bindings.ts'
import { listSpellings, numbersAmongPeople } from './store/contacts.ts'
import type { Store } from './store/database.ts'

type Linked = AccountKey & { readonly phone: Phone | null }

/** What asking for numbers that rules name needs. */
export type NamedNumberParts = {
  readonly store: Pick<Store, 'connection'>
  readonly contacts: Pick<Contacts, 'lookUp'>
  /** The org's accounts that can ask now, with their numbers, which nobody is asked for. */
  readonly connected: (org: OrgId) => Promise<readonly Linked[]>
  /** What was asked for later, by itself, failed. */
  readonly failed: (error: unknown) => void
}

const PATIENCE_MS = 5_000
const LEAST_WAIT_MS = 1_000

/**
 * The numbers that rules name: WhatsApp is asked for them when a rule is made, and for those that somebody may have who writes
 * under another spelling. No more than half of an account's lookups are spent on them, so that sends have theirs.
 */
export class NamedNumbers {
  readonly #parts: NamedNumberParts
  /** When the orgs are looked at again in which WhatsApp did not answer, or could not be asked. */
  readonly #later = new Map<OrgId, NodeJS.Timeout>()
  #closed = false

  constructor(parts: NamedNumberParts) {
    this.#parts = parts
  }

  close(): void {
    this.#closed = true
    for (const timer of this.#later.values()) clearTimeout(timer)
  }

  /** Has WhatsApp asked for those that it was not asked for, and waits for a while; without an account that can ask, not at all. */
  async ask(org: OrgId, numbers: readonly Phone[]): Promise<void> {
    if (numbers.length === 0) return
    const { store, contacts, connected } = this.#parts
    const linked = await connected(org)
    const [key] = linked
    if (!key) return
    const own = new Set(linked.map(({ phone }) => phone))
    const known = await listSpellings(store.connection, org, numbers)
    const unknown = numbers.filter(number => !known.has(number) && !own.has(number))
    const asked = Promise.all(unknown.map(number => contacts.lookUp(key, number, 'half')))
    void asked.then(looked => this.#clearLater(org, looked))
    await Promise.race([asked, passed(PATIENCE_MS)])
  }

  /** Somebody has written, perhaps some time ago, whose number a rule may mean by another spelling: those are asked for. */
  async clear(org: OrgId): Promise<void> {
    if (this.#closed) return
    const { connection } = this.#parts.store
    const named = (await listBindings(connection, org)).flatMap(({ rule }) => numbersIn(rule))
    const twins = new Map(named.flatMap(number => (twinOf(number) ? [[twinOf(number) as Phone, number] as const] : [])))
    const people = await numbersAmongPeople(connection, org, [...twins.keys()])
    await this.ask(
      org,
      people.flatMap(phone => twins.get(phone) ?? []),
    )
  }

  #clearLater(org: OrgId, looked: readonly Looked[]): void {
    const instants = looked.flatMap(each => (each.outcome === 'waits' ? [each.until] : []))
    if (this.#closed || instants.length === 0) return
    clearTimeout(this.#later.get(org))
    const waitMs = Math.max(LEAST_WAIT_MS, Math.min(...instants) - Date.now())
    this.#later.set(
      org,
      setTimeout(() => void this.clear(org).catch(this.#parts.failed), waitMs),
    )
  }
}

const passed = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms).unref())
