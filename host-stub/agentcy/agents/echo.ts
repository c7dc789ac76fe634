import { setTimeout as delay } from 'node:timers/promises'

import type { Agent } from '../agent-loop.ts'

const LONGEST_DELAY_MS = 3_600_000

/** The delay before the answer from `ECHO_DELAY_MS`; 0 if that is not a positive number. */
function delayFrom(given: string | undefined): number {
  const delayMs = Number(given ?? 0)
  return Number.isFinite(delayMs) && delayMs > 0 ? Math.min(delayMs, LONGEST_DELAY_MS) : 0
}

/** Repeats the text of the message; does not answer a message without text. */
export function echo(environment: Readonly<Record<string, string | undefined>>): Agent {
  const delayMs = delayFrom(environment['ECHO_DELAY_MS'])
  return async function* ({ message, signal }) {
    if (delayMs > 0) await delay(delayMs, undefined, { signal })
    if (message.text !== '') yield { kind: 'reply', reply: { text: message.text, plain: true } }
  }
}
