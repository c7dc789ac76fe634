import { plainLine } from '../plugin/contract/plain-text.ts'

/** What a host answered, with each text in it on one line and nothing hidden in any, for a terminal. */
export const plainAnswer = <Answer>(answer: Answer): Answer => madePlain(answer) as Answer

function madePlain(value: unknown): unknown {
  if (typeof value === 'string') return plainLine(value)
  if (Array.isArray(value)) return value.map(madePlain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [plainLine(name), madePlain(inner)]))
}
