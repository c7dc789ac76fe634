import type { Agents } from '../../plugin/contract/host.ts'
import { type Agent, runAgent } from './agent-loop.ts'
import { bookkeeper } from './agents/bookkeeper.ts'
import { defaultAgent } from './agents/default.ts'
import { echo } from './agents/echo.ts'
import { incidentResponder } from './agents/incident-responder.ts'

/** The agents of the stub, which serve every org. There is a bookkeeper where there is a book. */
export function createAgents(environment: Readonly<Record<string, string | undefined>>): Agents {
  const book = environment['BOOKKEEPER_BOOK'] ?? ''
  const agents = new Map<string, Agent>([
    ['echo', echo(environment)],
    ['default', defaultAgent],
    ['incident-responder', incidentResponder],
    ...(book === '' ? [] : [['bookkeeper', bookkeeper(book)] as const]),
  ])
  return {
    exists: async (_org, name) => agents.has(name),
    run(turn) {
      const agent = agents.get(turn.agent)
      if (!agent) throw new Error('no agent of that name')
      return runAgent(agent, turn)
    },
  }
}
