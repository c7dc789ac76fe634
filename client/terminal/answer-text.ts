import { plainLine, replaceHidden } from '../../plugin/contract/plain-text.ts'

/** The host's answer for a terminal: each text on one line, with hidden characters written as escapes. */
export const plainAnswer = <Answer>(answer: Answer): Answer => madePlain(answer) as Answer

function madePlain(value: unknown): unknown {
  if (typeof value === 'string') return plainLine(value)
  if (Array.isArray(value)) return value.map(madePlain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [plainLine(name), madePlain(inner)]))
}

/** Replaces each character by its JSON escape. */
const numbered = (hidden: string): string =>
  Array.from({ length: hidden.length }, (_, at) => `\\u${hidden.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')

/** The value as JSON on one line. Invisible characters are written as escapes. */
export const jsonLine = (value: unknown): string => replaceHidden(JSON.stringify(value), numbered)
