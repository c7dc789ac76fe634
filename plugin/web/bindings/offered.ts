import type { WireAgentList } from '../../contract/api/agents.ts'
import type { WireGroupSummary } from '../../contract/api/groups.ts'
import type { WireMessage } from '../../contract/api/messages.ts'
import { plainLine } from '../../contract/plain-text.ts'
import { bindingTexts as texts } from '../texts/binding-texts.ts'

/** A suggested value of a field, and its name; '' if it has none. */
export type Offer = { readonly value: string; readonly label: string }

const PEOPLE_MOST = 50
const GROUPS_MOST = 500
const LABEL_MOST = 64
const unnamed = (value: string): Offer => ({ value, label: '' })

/** The agents listed by the host and those of existing bindings, without duplicates. */
export const agentsIn = (list: WireAgentList | null, bound: readonly string[]): Offer[] =>
  [...new Set([...(list?.agents ?? []).map(({ name }) => name), ...bound])].map(unnamed)

/** The senders of these messages, in order and without duplicates. */
export const peopleIn = (messages: readonly Pick<WireMessage, 'direction' | 'from'>[]): Offer[] =>
  [...new Set(messages.flatMap(({ direction, from }) => (direction === 'inbound' ? [from] : [])))]
    .slice(0, PEOPLE_MOST)
    .map(unnamed)

/** The groups of several numbers, without duplicates, with the subjects that their members set. */
export const groupsIn = (groups: readonly WireGroupSummary[]): Offer[] =>
  [...new Map(groups.map(({ id, subject }) => [id, subject]))]
    .slice(0, GROUPS_MOST)
    .map(([value, subject]) => ({ value, label: plainLine(subject, LABEL_MOST) }))

/** The hint of the agent field. */
export function agentHint(list: WireAgentList | null): string {
  if (!list) return texts.agentUnknown
  if (!list.known) return texts.agentsNotListed
  if (list.more) return texts.agentsNotAllListed
  return list.agents.length === 0 ? texts.noAgents : texts.oneOfTheAgents
}
