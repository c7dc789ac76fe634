import { setTimeout as delay } from 'node:timers/promises'

import type { Agent } from '../agent-loop.ts'

const LONGEST_DELAY_MS = 3_600_000

/** How long it thinks: `ECHO_DELAY_MS`, none when that is no number of milliseconds. */
function delayFrom(given: string | undefined): number {
  const delayMs = Number(given ?? 0)
  return Number.isFinite(delayMs) && delayMs > 0 ? Math.min(delayMs, LONGEST_DELAY_MS) : 0
}

/** Says what it was told, word for word; what holds no text it leaves unanswered. */
export function echo(environment: Readonly<Record<string, string | undefined>>): Agent {
  const delayMs = delayFrom(environment['ECHO_DELAY_MS'])
  return async function* ({ message, signal }) {
    if (delayMs > 0) await delay(delayMs, undefined, { signal })
    if (message.text !== '') yield { kind: 'reply', reply: { text: message.text, plain: true } }
  }
}
