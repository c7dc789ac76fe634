import type { Wording } from './contract/api-send.ts'
import { textParts } from './text-parts.ts'

/** What is said, in as many messages as its text takes. Only the first answers a message; each mentions those whom it names. */
export function inParts(wording: Wording): [Wording, ...Wording[]] {
  if (wording.text === undefined) return [wording]
  const [first = wording.text, ...more] = textParts(wording.text)
  const { reply_to: _replyTo, ...rest } = wording
  return [{ ...wording, text: first }, ...more.map(text => ({ ...rest, text }))]
}
