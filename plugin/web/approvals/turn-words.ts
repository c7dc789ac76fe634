import type { WireTurn } from '../../contract/api/turns.ts'

/** Why a turn waits, by its code, for a person. */
const REASONS: Readonly<Record<string, string>> = {
  step_unknown: 'The host died while a tool was being called. Whether the call happened is not known.',
  step_differs: 'The agent wanted another call than the first time, behind steps that were done already.',
  step_failed: 'A tool of the agent failed, each time.',
  agent_failed: 'The agent failed, each time.',
  storage: 'The disk did not take what the turn did.',
  deadline: 'The agent took too long, each time.',
  crash_loop: 'The host died each time while this turn was under way.',
  message_missing: 'The message that it answers is not kept any more.',
  reply_cap: 'The agent wanted to reply more often than one turn may.',
}

/** Why a turn waits for a person. */
export function whyItWaits({ code, status, attempt }: Pick<WireTurn, 'code' | 'status' | 'attempt'>): string {
  const known = REASONS[code ?? '']
  if (known !== undefined) return known
  const tries = `${attempt} ${attempt === 1 ? 'try' : 'tries'}`
  if (status === 'dead_letter') return `The agent failed, after ${tries}${code === null ? '' : `: ${code}`}.`
  return `A person has to look at it${code === null ? '' : `: ${code}`}.`
}
