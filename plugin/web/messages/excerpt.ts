const MOST_LETTERS = 600
/** Line breaks add few letters but take much space. */
const MOST_LINES = 12

/** The beginning of a text as shown in lists; null if the text is short enough to be shown whole. */
export function excerptOf(text: string): string | null {
  const lines = text.split(/\r?\n/, MOST_LINES + 1)
  // Removes half a character at the cut.
  const most = lines
    .slice(0, MOST_LINES)
    .join('\n')
    .slice(0, MOST_LETTERS)
    .replace(/[\u200B-\u200D\uD800-\uDBFF]+$/, '')
  return lines.length > MOST_LINES || text.length > MOST_LETTERS ? most.trimEnd() : null
}
