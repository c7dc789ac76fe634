import { causeOf } from './backend-state.ts'
import type { WireAgentList } from '../contract/api/agents.ts'
import type { Host } from '../contract/host.ts'
import type { OrgId } from '../contract/ids.ts'
import { plainLine } from '../contract/plain-text.ts'
import { withTimeLimit } from '../base/time-limit.ts'

/** How long the host may take to list its agents, in ms. */
const ANSWER_MS = 2_000
const AGENTS_MOST = 500
const LONGEST_NAME = 64
const NOT_KNOWN: WireAgentList = { known: false, agents: [], more: false }

const isShown = (name: unknown): name is string =>
  typeof name === 'string' && name !== '' && name.length <= LONGEST_NAME && plainLine(name) === name

function listed(names: readonly unknown[]): WireAgentList {
  const all = new Set(names)
  const agents = [...all].filter(isShown).slice(0, AGENTS_MOST)
  return { known: true, agents: agents.map(name => ({ name })), more: agents.length < all.size }
}

/**
 * The agents that could answer for an org, as far as the host lists them. The list is for people to choose from and decides
 * nothing. Never throws: if the host fails or takes too long, the agents count as unknown.
 */
export async function agentsFor({ agents, log }: Pick<Host, 'agents' | 'log'>, org: OrgId): Promise<WireAgentList> {
  try {
    const names: unknown = await withTimeLimit(ANSWER_MS, (async () => agents.list?.(org))())
    if (names === undefined || names === null) return NOT_KNOWN
    if (Array.isArray(names)) return listed(names)
    log.warn({ org, code: 'malformed' }, 'agents not listed')
  } catch (error) {
    log.warn({ org, code: causeOf(error) }, 'agents not listed')
  }
  return NOT_KNOWN
}
