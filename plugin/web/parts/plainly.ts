/** What is not seen, or turns the direction of what is: with it a text looks like another one. */
const HIDDEN =
  /[\u007F-\u009F\p{Cf}\p{Zl}\p{Zp}\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u2800\u3164\uFFA0\u{E0000}-\u{E0FFF}]/gu

const escaped = (found: string): string => `\\u{${found.codePointAt(0)?.toString(16)}}`

/** A text of which nothing is hidden. */
export const shownWhole = (text: string): string => text.replace(HIDDEN, escaped)

/** What somebody is to judge, as it is: laid out as JSON, with what would be hidden written out. */
export const plainly = (value: unknown): string => shownWhole(JSON.stringify(value, null, 2))
