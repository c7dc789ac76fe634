import { plainLine } from '../../plugin/contract/plain-text.ts'

/** The host's answer for a terminal: each text on one line, with hidden characters written as escapes. */
export const plainAnswer = <Answer>(answer: Answer): Answer => madePlain(answer) as Answer

function madePlain(value: unknown): unknown {
  if (typeof value === 'string') return plainLine(value)
  if (Array.isArray(value)) return value.map(madePlain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [plainLine(name), madePlain(inner)]))
}
