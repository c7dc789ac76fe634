import type { OrgId } from './contract/ids.ts'
import { RuleIndex } from './rule-index.ts'
import { bindingsVersion, listBindings } from './store/bindings.ts'
import type { Connection } from './store/connection.ts'

/** Which binding answers: each org's rules, read and made ready once for as long as they stand. */
export class Resolver {
  readonly #made = new Map<OrgId, { readonly version: number; readonly rules: RuleIndex }>()

  /** The org's rules as this transaction sees them; it must not be one that changes them. */
  async rulesOf(transaction: Connection, org: OrgId): Promise<RuleIndex> {
    const version = await bindingsVersion(transaction, org)
    const made = this.#made.get(org)
    if (made?.version === version) return made.rules
    const bindings = await listBindings(transaction, org)
    const rules = new RuleIndex(
      bindings.filter(({ enabled }) => enabled),
      version,
    )
    this.#made.set(org, { version, rules })
    return rules
  }
}
