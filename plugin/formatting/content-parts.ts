import type { Wording } from '../contract/api/sends.ts'
import { partsIn } from './split-text.ts'

/** Lets other work run, because a long text takes a while. */
export type Between = () => Promise<void>

/** Splits a wording into as many messages as its texts need. Only the first one quotes a message. Mentions are repeated in each. */
export async function inParts(
  wording: Wording,
  between: Between,
  texts: AsyncIterable<string> = textOf(wording),
): Promise<[Wording, ...Wording[]]> {
  const parts: string[] = []
  for await (const text of texts) {
    for (const part of partsIn(text)) {
      parts.push(part)
      if (part !== text) await between()
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
