import type { BindingCreateRequest, CreatedBinding, WireBinding } from './contract/api.ts'
import type { Binding } from './contract/binding.ts'
import { ChannelError } from './contract/errors.ts'
import type { Agents, Log } from './contract/host.ts'
import type { OrgId } from './contract/ids.ts'
import { checkRule, ruleOf, takesAll } from './rule.ts'
import { addBinding, listBindings, removeBinding } from './store/bindings.ts'
import type { Store } from './store/database.ts'

/** What keeping bindings needs. */
export type BindingParts = { readonly store: Store; readonly agents: Agents; readonly log: Log }

const CATCH_ALL = 'This binding takes every message that none before it takes, from anybody and in every group.'

function wireBinding({ id, agent, rule, position, createdAt }: Binding): WireBinding {
  return { id, agent, match_rule: rule, position, created_at: new Date(createdAt).toISOString() }
}

/** The orgs' bindings. A change holds from the next message on. */
export class Bindings {
  readonly #parts: BindingParts

  constructor(parts: BindingParts) {
    this.#parts = parts
  }

  async list(org: OrgId): Promise<WireBinding[]> {
    return (await listBindings(this.#parts.store.connection, org)).map(wireBinding)
  }

  async create(org: OrgId, { agent, match_rule: written }: BindingCreateRequest): Promise<CreatedBinding> {
    const rule = ruleOf(written)
    checkRule(rule)
    const { store, agents, log } = this.#parts
    if (!(await agents.exists(org, agent))) throw new ChannelError('unknown_agent')
    const binding = await store.transaction(transaction => addBinding(transaction, org, { agent, rule }))
    log.info({ org, binding: binding.id, position: binding.position }, 'binding created')
    return { ...wireBinding(binding), ...(takesAll(rule) && { warning: CATCH_ALL }) }
  }

  async delete(org: OrgId, id: string): Promise<void> {
    const { store, log } = this.#parts
    const removed = await store.transaction(transaction => removeBinding(transaction, org, id))
    if (!removed) throw new ChannelError('not_found')
    log.info({ org, binding: id }, 'binding deleted')
  }
}
