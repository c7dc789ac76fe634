/** The lines that are not blank, one below the other. */
export const joined = (...lines: readonly (string | null | undefined)[]): string =>
  lines.filter(line => line !== null && line !== undefined && line.trim() !== '').join('\n')

/** The first text that is not blank; empty if there is none. */
export const firstOf = (...texts: readonly (string | null | undefined)[]): string =>
  texts.find(text => text !== null && text !== undefined && text.trim() !== '') ?? ''

const LONGEST_JSON = 64_000

/** The JSON object in a text; null if there is none. Phones write some answers as JSON. */
export function jsonObject(text: string | null | undefined): Record<string, unknown> | null {
  if (!text || text.length > LONGEST_JSON) return null
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
  } catch {
    return null
  }
}
