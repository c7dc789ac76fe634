/** The offset of a row and column in a text, both from 1 and in characters; the nearest valid offset if there is none. */
export function caretAt(text: string, row: number, column: number): number {
  const lines = text.split('\n')
  const at = Math.min(Math.max(row, 1), lines.length) - 1
  const before = lines.slice(0, at).reduce((sum, line) => sum + line.length + 1, 0)
  const characters = Array.from(lines[at] ?? '').slice(0, Math.max(column, 1) - 1)
  return before + characters.join('').length
}

/** The line numbers of a text, one per line. */
export const numbersOf = (text: string): string =>
  Array.from({ length: text.split('\n').length }, (_, index) => index + 1).join('\n')
