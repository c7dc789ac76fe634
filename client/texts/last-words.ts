import type { WireLastWords } from '../../plugin/contract/api/channels.ts'
import { plainLine } from '../../plugin/contract/plain-text.ts'

/** The reason that WhatsApp gave when it ended a connection, on one line; null if it gave none. */
export function lastWords(said: WireLastWords | null | undefined): string | null {
  if (!said) return null
  const { code, header, subtext, message, url } = said
  const texts = [header, subtext, message, url].flatMap(text => (text === null ? [] : [`“${plainLine(text)}”`]))
  const shown = [...(code === null ? [] : [plainLine(code)]), ...texts]
  return shown.length === 0 ? null : `WhatsApp said: ${shown.join(' ')}`
}
