import type { OrgId } from '../contract/ids.ts'
import type { Binding } from '../contract/binding.ts'
import { numbersIn } from './match-rule.ts'
import { RuleIndex } from './rule-index.ts'
import type { Spellings } from '../contacts/spellings.ts'
import { bindingsVersion, listBindings } from '../store/accounts/bindings.ts'
import type { Connection } from '../store/sql/connection.ts'
import { listSpellings } from '../store/people/contacts.ts'

/** The rules of each org, by which bindings are matched: read and indexed again only when they change. */
export class RuleCache {
  readonly #made = new Map<OrgId, { readonly version: string; readonly rules: RuleIndex }>()
  readonly #spelledAt: (org: OrgId) => number

  /** `spelledAt`: another number whenever WhatsApp has said something new of the numbers that an org's accounts asked for. */
  constructor(spelledAt: (org: OrgId) => number = () => 0) {
    this.#spelledAt = spelledAt
  }

  /** The org's rules as this transaction sees them; it must not be one that changes them. */
  async rulesOf(transaction: Connection, org: OrgId): Promise<RuleIndex> {
    const change = await bindingsVersion(transaction, org)
    const version = `${change} ${this.#spelledAt(org)}`
    const made = this.#made.get(org)
    if (made?.version === version) return made.rules
    const bindings = await listBindings(transaction, org)
    const inForce = bindings.filter(({ enabled }) => enabled)
    const rules = new RuleIndex(inForce, change, await spellingsOf(transaction, org, inForce))
    this.#made.set(org, { version, rules })
    return rules
  }
}

/** What WhatsApp has said of the numbers that bindings name. */
export const spellingsOf = (connection: Connection, org: OrgId, bindings: readonly Binding[]): Promise<Spellings> =>
  listSpellings(
    connection,
    org,
    bindings.flatMap(({ rule }) => numbersIn(rule)),
  )
