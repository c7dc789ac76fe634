import { plainLine } from '../../plugin/contract/plain-text.ts'
import { show } from '../command/answer.ts'
import type { Command, HostCall } from '../command/command.ts'
import { HostRefused, refusalIn } from '../command/refusal.ts'
import { EXIT, type ExitCode } from '../terminal/terminal.ts'

/** The most agents that an error about an unknown agent lists. */
const NAMED_MOST = 20

async function list(call: HostCall): Promise<ExitCode> {
  show(call, await call.client.agents.list.query(), ({ known, agents, more }) => {
    if (!known) return ['The host does not list its agents.']
    if (agents.length === 0 && !more) return ['There are none.']
    return [...agents.map(({ name }) => name), ...(more ? ['There are more, which are not listed.'] : [])]
  })
  return EXIT.done
}

/** A sentence that lists the host's agents; null if they are not known. */
async function agentsAt({ client }: Pick<HostCall, 'client'>): Promise<string | null> {
  const { known, agents, more } = await client.agents.list.query()
  if (!known || agents.length === 0) return null
  const named = agents.slice(0, NAMED_MOST).map(({ name }) => plainLine(name))
  return `It has ${named.join(', ')}${more || agents.length > NAMED_MOST ? ' and others' : ''}.`
}

/**
 * Awaits a call that names an agent. @throws what the call throws; for an unknown agent, with the list of the host's agents added.
 */
export async function namingAgent<Answer>(call: Pick<HostCall, 'client'>, deed: Promise<Answer>): Promise<Answer> {
  try {
    return await deed
  } catch (thrown) {
    const refusal = refusalIn(thrown)
    if (refusal?.code !== 'unknown_agent') throw thrown
    const there = await agentsAt(call).catch(() => null)
    if (there === null) throw thrown
    throw new HostRefused({ ...refusal, message: `The host has no agent with this name. ${there}` })
  }
}

/** The agents that a binding can name. */
export const AGENTS: Command = {
  name: 'agents list',
  parameters: [],
  summary: 'lists the agents that a binding can name',
  options: {},
  examples: ['agents list'],
  place: 'host',
  run: list,
}
