/** What is not seen, steers a terminal, turns the direction of what follows, or is half a character. */
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u2800\u3164\uFFA0\u{E0000}-\u{E0FFF}]/gu

const escaped = (found: string): string => `\\u{${found.codePointAt(0)?.toString(16)}}`

/** Somebody else's text on one line of at most so many UTF-16 units, with what is hidden in it written out as `\u{…}`. */
export function shownLine(text: string, most: number): string {
  const whole = text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')
  const shown = whole
    .replaceAll(/[ \t\r\n]+/g, ' ')
    .replace(HIDDEN, escaped)
    .trim()
  return text.length > most || shown.length > most ? `${shown.slice(0, most - 1)}…` : shown
}
