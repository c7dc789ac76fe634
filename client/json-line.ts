// What a terminal would obey, or an eye would not see; JSON may write any letter by its number.
const UNSEEN = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu

const escaped = (found: string): string =>
  Array.from({ length: found.length }, (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')

/** A value as JSON on one line, of which nothing is hidden. */
export const jsonLine = (value: unknown): string => JSON.stringify(value).replace(UNSEEN, escaped)
