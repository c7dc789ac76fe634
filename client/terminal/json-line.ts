import { replaceHidden } from '../../plugin/contract/plain-text.ts'

/** Replaces each character by its JSON escape. */
const numbered = (hidden: string): string =>
  Array.from({ length: hidden.length }, (_, at) => `\\u${hidden.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')

/** The value as JSON on one line. Invisible characters are written as escapes. */
export const jsonLine = (value: unknown): string => replaceHidden(JSON.stringify(value), numbered)
