import { plainLine } from '../../plugin/contract/plain-text.ts'
import { show } from '../answer.ts'
import type { Command, HostCall } from '../command.ts'
import { HostRefused, refusalIn } from '../refusal.ts'
import { EXIT, type ExitCode } from '../terminal.ts'

/** So many are named where somebody named another. */
const NAMED_MOST = 20

async function list(call: HostCall): Promise<ExitCode> {
  show(call, await call.client.agents.list.query(), ({ known, agents, more }) => {
    if (!known) return ['The host does not list its agents.']
    if (agents.length === 0 && !more) return ['There are none.']
    return [...agents.map(({ name }) => name), ...(more ? ['There are more, which are not listed.'] : [])]
  })
  return EXIT.done
}

/** Which agents the host has, in a sentence; null where that is not known. */
async function agentsAt({ client }: Pick<HostCall, 'client'>): Promise<string | null> {
  const { known, agents, more } = await client.agents.list.query()
  if (!known || agents.length === 0) return null
  const named = agents.slice(0, NAMED_MOST).map(({ name }) => plainLine(name))
  return `It has ${named.join(', ')}${more || agents.length > NAMED_MOST ? ' and others' : ''}.`
}

/** Does what names an agent. @throws what it does; where the host has no such agent, with those that it has. */
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

/** Who could answer. */
export const AGENTS: Command = {
  name: 'agents list',
  parameters: [],
  summary: 'lists the agents that a binding can name',
  options: {},
  examples: ['agents list'],
  place: 'host',
  run: list,
}
