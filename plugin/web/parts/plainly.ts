/** What is not seen, or turns the direction of what is: with it a text looks like another one. */
const HIDDEN = /[\u007F-\u009F\p{Cf}\p{Zl}\p{Zp}\u{E0000}-\u{E0FFF}]/gu

const escaped = (found: string): string => `\\u{${found.codePointAt(0)?.toString(16)}}`

/** What somebody is to judge, as it is: laid out as JSON, with what would be hidden written out. */
export const plainly = (value: unknown): string => JSON.stringify(value, null, 2).replace(HIDDEN, escaped)
