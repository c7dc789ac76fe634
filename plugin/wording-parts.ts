import { setImmediate } from 'node:timers/promises'

import type { Wording } from './contract/api-send.ts'
import { partsIn } from './text-parts.ts'

/** What is said, in as many messages as its texts take. Only the first answers a message; each mentions those whom it names. */
export async function inParts(
  wording: Wording,
  texts: AsyncIterable<string> = textOf(wording),
): Promise<[Wording, ...Wording[]]> {
  const parts: string[] = []
  for await (const text of texts) {
    for (const part of partsIn(text)) {
      parts.push(part)
      // A long text takes a while, and somebody else's message does not wait for it.
      if (part !== text) await setImmediate()
    }
  }
  const [first, ...more] = parts
  if (first === undefined) return [wording]
  const { reply_to: _replyTo, ...rest } = wording
  return [{ ...wording, text: first }, ...more.map(text => ({ ...rest, text }))]
}

async function* textOf({ text }: Wording): AsyncGenerator<string, void, undefined> {
  if (text !== undefined) yield text
}
