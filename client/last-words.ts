import type { WireLastWords } from '../plugin/contract/api/channels.ts'
import { plainLine } from '../plugin/contract/plain-text.ts'

/** What WhatsApp said as it ended a connection, on one line; null when it said nothing. */
export function lastWords(said: WireLastWords | null | undefined): string | null {
  if (!said) return null
  const { code, header, subtext, message, url } = said
  const texts = [header, subtext, message, url].flatMap(text => (text === null ? [] : [`“${plainLine(text)}”`]))
  const shown = [...(code === null ? [] : [plainLine(code)]), ...texts]
  return shown.length === 0 ? null : `WhatsApp said: ${shown.join(' ')}`
}
