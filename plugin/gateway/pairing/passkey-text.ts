/** A JSON object, or what is used like one. */
export type Fields = Readonly<Record<string, unknown>>

export const isFields = (given: unknown): given is Fields =>
  typeof given === 'object' && given !== null && !Array.isArray(given)

/** What a JSON text in UTF-8 says; undefined when it is none. */
export function readJson(text: string | Uint8Array): unknown {
  try {
    return JSON.parse(typeof text === 'string' ? text : new TextDecoder('utf-8', { fatal: true }).decode(text))
  } catch {
    return undefined
  }
}

/** The bytes of base64url without padding, written in the one way that there is for them; null for everything else. */
export function readBase64Url(given: unknown): Buffer | null {
  if (typeof given !== 'string' || !/^[A-Za-z0-9_-]*$/.test(given)) return null
  const bytes = Buffer.from(given, 'base64url')
  return bytes.toString('base64url') === given ? bytes : null
}
