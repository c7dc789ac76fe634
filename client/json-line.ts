import { replaceHidden } from '../plugin/contract/plain-text.ts'

/** JSON may write any letter by its number. */
const numbered = (hidden: string): string =>
  Array.from({ length: hidden.length }, (_, at) => `\\u${hidden.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')

/** A value as JSON on one line, of which nothing is hidden. */
export const jsonLine = (value: unknown): string => replaceHidden(JSON.stringify(value), numbered)
