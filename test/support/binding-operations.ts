import type { WireBinding } from '../../plugin/contract/api/bindings.ts'
import { ChannelError } from '../../plugin/contract/errors/errors.ts'
import type { OrgId } from '../../plugin/contract/ids.ts'
import type { Operations } from '../../plugin/contract/operations.ts'
import type { OwnOperations } from './operations.ts'

/** Where the bindings of an org are kept, and what gives out ids. */
type World = { readonly at: (org: OrgId) => { bindings: WireBinding[] }; readonly id: (kind: string) => string }

const RECEIVED_AT = '2026-01-02T03:04:05.000Z'
const missing = () => new ChannelError('not_found')

/** The bindings of orgs, in memory. */
export function bindingsOf({
  at,
  id,
}: World): Required<Pick<OwnOperations, 'agents' | 'bindings' | 'explanations' | 'inbox'>> {
  const bindings: Operations['bindings'] = {
    list: async name => at(name).bindings,
    async create(name, request) {
      if (request.agent !== 'echo') throw new ChannelError('unknown_agent')
      const org = at(name)
      const position = org.bindings.length + 1
      const { agent, match_rule, enabled, conversation = 'chat' } = request
      const made = { position, version: 1, created_at: RECEIVED_AT }
      const binding = { id: id('bnd'), agent, match_rule, enabled, conversation, ...made }
      org.bindings.push(binding)
      return binding
    },
    async find(name, binding) {
      const found = at(name).bindings.find(each => each.id === binding)
      if (!found) throw missing()
      return found
    },
    async update(name, binding, { version }) {
      const found = at(name).bindings.find(each => each.id === binding)
      if (!found) throw missing()
      if (version !== undefined && version !== found.version) throw new ChannelError('binding_changed')
      found.version += 1
      return found
    },
    async reorder(name) {
      return at(name).bindings
    },
    async delete(name, binding) {
      const org = at(name)
      const index = org.bindings.findIndex(each => each.id === binding)
      if (index < 0) throw missing()
      org.bindings.splice(index, 1)
    },
  }
  return {
    bindings,
    agents: { list: async () => ({ known: true, agents: [{ name: 'echo' }], more: false }) },
    explanations: {
      of: async () => ({ outcome: 'unmatched', reason: 'no_binding', binding_id: null, bindings: [] }),
    },
    inbox: {},
  }
}
