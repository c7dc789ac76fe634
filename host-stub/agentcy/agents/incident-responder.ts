import type { Agent, ToolOutcome } from '../agent-loop.ts'
import { restart, status } from './incident-tools.ts'

const HELP = 'I know two things: "status", and "restart <service>".'

const told = (outcome: ToolOutcome | undefined): string => {
  if (outcome?.outcome === 'done') return outcome.result
  return `That was not done: ${outcome?.reason ?? 'nobody answered'}`
}

/** A scripted agent: `status` reads, `restart <service>` writes, and the reply is the tool's result or the refusal. */
export const incidentResponder: Agent = async function* ({ message }) {
  const [verb, ...rest] = message.text.trim().split(/\s+/)
  const name = rest.join(' ')
  if (verb?.toLowerCase() === 'status' && name === '') {
    yield { kind: 'reply', reply: told(yield { kind: 'tool', tool: status, given: {} }) }
  } else if (verb?.toLowerCase() === 'restart' && name !== '') {
    yield { kind: 'reply', reply: told(yield { kind: 'tool', tool: restart, given: { name } }) }
  } else {
    yield { kind: 'reply', reply: HELP }
  }
}
