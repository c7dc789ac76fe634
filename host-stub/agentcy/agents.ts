import type { Agents, Log } from '../../plugin/contract/host.ts'
import { type Agent, runAgent } from './agent-loop.ts'
import { assistant } from './agents/assistant.ts'
import { bookkeeper } from './agents/bookkeeper.ts'
import { defaultAgent } from './agents/default.ts'
import { echo } from './agents/echo.ts'
import { incidentResponder } from './agents/incident-responder.ts'
import { MODEL_TIMES, ModelEndpoint } from './model/endpoint.ts'
import { readModelSettings } from './model/settings.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The assistant if a model is configured; otherwise null, and the log says what to set. */
function assistantOf(environment: Environment, log: Log): Agent | null {
  const read = readModelSettings(environment)
  if (read.status === 'incomplete') {
    log.info({ agent: 'assistant', missing: read.sentence }, 'host.agent_not_there')
    return null
  }
  const { settings } = read
  const model = new ModelEndpoint({ settings, times: MODEL_TIMES, log, random: Math.random })
  return assistant({ model, secret: settings.key })
}

/**
 * The agents of the stub, the same for every org. The bookkeeper exists only if a book is configured, the assistant only if a model
 * is.
 */
export function createAgents(environment: Environment, log: Log): Agents {
  const book = environment['BOOKKEEPER_BOOK'] ?? ''
  const answering = assistantOf(environment, log)
  const agents = new Map<string, Agent>([
    ['echo', echo(environment)],
    ['default', defaultAgent],
    ['incident-responder', incidentResponder],
    ...(book === '' ? [] : [['bookkeeper', bookkeeper(book)] as const]),
    ...(answering ? [['assistant', answering] as const] : []),
  ])
  return {
    exists: async (_org, name) => agents.has(name),
    list: async () => [...agents.keys()],
    run(turn) {
      const agent = agents.get(turn.agent)
      if (!agent) throw new Error('no agent of that name')
      return runAgent(agent, turn)
    },
  }
}
