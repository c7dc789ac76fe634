const MOST_LETTERS = 600
/** Line breaks alone take no letters and much of the page. */
const MOST_LINES = 12

/** As much of a text as a list shows of it; null when that is all. */
export function excerptOf(text: string): string | null {
  const lines = text.split(/\r?\n/, MOST_LINES + 1)
  // What is cut may have needed its other half.
  const most = lines
    .slice(0, MOST_LINES)
    .join('\n')
    .slice(0, MOST_LETTERS)
    .replace(/[\u200B-\u200D\uD800-\uDBFF]+$/, '')
  return lines.length > MOST_LINES || text.length > MOST_LETTERS ? most.trimEnd() : null
}
