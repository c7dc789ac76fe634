import type { OrgId } from '../contract/ids.ts'
import type { Binding } from '../contract/binding.ts'
import { numbersIn } from './match-rule.ts'
import { RuleIndex } from './rule-index.ts'
import type { Spellings } from '../contacts/spellings.ts'
import { bindingsVersion, listBindings } from '../store/accounts/bindings.ts'
import type { Connection } from '../store/sql/connection.ts'
import { listSpellings } from '../store/people/contacts.ts'

/** The rule indexes of the orgs, by which messages are matched. An org's rules are read and indexed again only after a change. */
export class RuleCache {
  readonly #made = new Map<OrgId, { readonly version: string; readonly rules: RuleIndex }>()
  readonly #spelledAt: (org: OrgId) => number

  /**
   * `spelledAt`: a number that changes whenever WhatsApp has reported something new about numbers that an org's accounts asked for.
   */
  constructor(spelledAt: (org: OrgId) => number = () => 0) {
    this.#spelledAt = spelledAt
  }

  /** The org's rules as this transaction sees them. The transaction must not change them. */
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

/** What WhatsApp has reported about the numbers that bindings name. */
export const spellingsOf = (connection: Connection, org: OrgId, bindings: readonly Binding[]): Promise<Spellings> =>
  listSpellings(
    connection,
    org,
    bindings.flatMap(({ rule }) => numbersIn(rule)),
  )
