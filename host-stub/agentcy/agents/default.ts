import type { Agent } from '../agent-loop.ts'

/** Greets the sender. Stands in for a host's general assistant. */
export const defaultAgent: Agent = async function* ({ facts }) {
  const name = facts.senderName?.trim() ?? ''
  const greeting = name === '' ? 'Hello!' : `Hello ${name}!`
  yield { kind: 'reply', reply: `${greeting} This is the Agentcy assistant. Your message has arrived.` }
}
