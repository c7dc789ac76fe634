/** A JSON object, or a value that is used like one. */
export type Fields = Readonly<Record<string, unknown>>

export const isFields = (given: unknown): given is Fields =>
  typeof given === 'object' && given !== null && !Array.isArray(given)

/** Parses a JSON text in UTF-8; undefined if it is not valid. */
export function readJson(text: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof text === 'string' ? text : new TextDecoder('utf-8', { fatal: true }).decode(text))
  } catch {
    return undefined
  }
}

/** Decodes base64url without padding, in its one canonical form; null for everything else. */
export function readBase64Url(given: unknown): Buffer | null {
  if (typeof given !== 'string' || !/^[A-Za-z0-9_-]*$/.test(given)) return null
  const bytes = Buffer.from(given, 'base64url')
  return bytes.toString('base64url') === given ? bytes : null
}
