import type { WireTurn } from '../../contract/api/turns.ts'

/** Why a turn waits, by code, in words for users. */
const REASONS: Readonly<Record<string, string>> = {
  step_unknown: 'The host stopped during a tool call. It is not known whether the call happened.',
  step_differs: 'After steps that were already done, the agent asked for a different call than in the first attempt.',
  step_failed: 'A tool of the agent failed in each attempt.',
  agent_failed: 'The agent failed in each attempt.',
  storage: 'The steps of the turn could not be written to the disk.',
  deadline: 'The agent took too long in each attempt.',
  crash_loop: 'The host stopped in each attempt while this turn was running.',
  message_missing: 'The message that it answers has been deleted.',
  reply_cap: 'The agent sent more replies than one turn may.',
}

/** Why a turn waits for a person. */
export function whyItWaits({ code, status, attempt }: Pick<WireTurn, 'code' | 'status' | 'attempt'>): string {
  const known = REASONS[code ?? '']
  if (known !== undefined) return known
  const tries = `${attempt} ${attempt === 1 ? 'try' : 'tries'}`
  if (status === 'dead_letter') return `The agent failed, after ${tries}${code === null ? '' : `: ${code}`}.`
  return `A person must decide${code === null ? '' : `: ${code}`}.`
}
