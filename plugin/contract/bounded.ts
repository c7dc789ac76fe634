/** What a list entry costs in addition to its letters. */
const ENTRY_LETTERS = 16

/** Shortens a text, and drops the first half of a letter that would be cut in two. */
const cut = (text: string, most: number): string => text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')

/**
 * A copy of a value that keeps at most this many letters in all of its texts and lists together, in their order; the rest is
 * dropped.
 */
export function bounded<Said>(said: Said, mostLetters: number): Said {
  let room = mostLetters
  const inText = (text: string): string => {
    const kept = text.length > room ? cut(text, room) : text
    room = Math.max(0, room - text.length)
    return kept
  }
  const inList = (list: readonly unknown[]): unknown[] => {
    const kept: unknown[] = []
    for (const each of list) {
      room = Math.max(0, room - ENTRY_LETTERS)
      if (room === 0) break
      kept.push(within(each))
    }
    return kept
  }
  const within = (value: unknown): unknown => {
    if (typeof value === 'string') return inText(value)
    if (Array.isArray(value)) return inList(value)
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, within(each)]))
  }
  return within(said) as Said
}
