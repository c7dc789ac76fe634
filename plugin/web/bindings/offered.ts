import type { WireAgentList } from '../../contract/api/agents.ts'
import type { WireGroupSummary } from '../../contract/api/groups.ts'
import type { WireMessage } from '../../contract/api/messages.ts'
import { plainLine } from '../../contract/plain-text.ts'

/** Something that a field may be filled in with, and what people call it; '' when that is nothing else. */
export type Offer = { readonly value: string; readonly label: string }

const PEOPLE_MOST = 50
const GROUPS_MOST = 500
const LABEL_MOST = 64
const unnamed = (value: string): Offer => ({ value, label: '' })

/** Those that the host says it has, and those that are bound: each once. */
export const agentsIn = (list: WireAgentList | null, bound: readonly string[]): Offer[] =>
  [...new Set([...(list?.agents ?? []).map(({ name }) => name), ...bound])].map(unnamed)

/** Who wrote these messages, each once, in their order. */
export const peopleIn = (messages: readonly Pick<WireMessage, 'direction' | 'from'>[]): Offer[] =>
  [...new Set(messages.flatMap(({ direction, from }) => (direction === 'inbound' ? [from] : [])))]
    .slice(0, PEOPLE_MOST)
    .map(unnamed)

/** The groups of several numbers, each once, by the subjects that their members gave them. */
export const groupsIn = (groups: readonly WireGroupSummary[]): Offer[] =>
  [...new Map(groups.map(({ id, subject }) => [id, subject]))]
    .slice(0, GROUPS_MOST)
    .map(([value, subject]) => ({ value, label: plainLine(subject, LABEL_MOST) }))

/** What there is to know of who can be named. */
export function agentHint(list: WireAgentList | null): string {
  if (!list) return 'Who answers. The host refuses a name that it does not have.'
  if (!list.known) return 'Who answers. The host does not list its agents.'
  if (list.more) return 'Who answers. The host has more agents than are listed here.'
  return list.agents.length === 0 ? 'Who answers. The host has no agents.' : 'Who answers: one of the host’s agents.'
}
