/** Phones show so many characters of a message before they fold it. */
const PART_LETTERS_MOST = 4_096
/** Where a long text is broken: between paragraphs, lines, sentences or words, whichever comes late enough first. */
const BORDERS = ['\n\n', '\n', '. ', ' '] as const
/** A part that is shorter than this because of a border is broken at the next kind. */
const LEAST_FILLED = 0.5
const FENCE = '```'
/** Left free for the fences that a break within code adds. */
const FENCES_LETTERS = 2 * (FENCE.length + 1)

/** A text in parts that are short enough for phones, in order; blanks at the borders are left out, and nothing else. */
export function textParts(text: string, most: number = PART_LETTERS_MOST): string[] {
  const parts: string[] = []
  let left = text
  while (left.length > (parts.length === 0 ? most : most - FENCES_LETTERS)) {
    const at = borderIn(left, most - FENCES_LETTERS)
    parts.push(left.slice(0, at).trimEnd())
    left = left.slice(at).trimStart()
  }
  return withFences([...parts, left].filter(part => part !== ''))
}

function borderIn(text: string, most: number): number {
  const room = text.slice(0, most)
  for (const border of BORDERS) {
    const at = room.lastIndexOf(border)
    if (at >= most * LEAST_FILLED) return at + border.length
  }
  // Not in the middle of a character that takes two.
  const isPair = /[\uD800-\uDBFF]$/.test(room)
  return isPair ? most - 1 : most
}

/** Code that is broken is code on both sides. */
function withFences(parts: readonly string[]): string[] {
  let open = false
  return parts.map((part, index) => {
    const begun = open
    if (part.split(FENCE).length % 2 === 0) open = !open
    return `${begun ? `${FENCE}\n` : ''}${part}${open && index < parts.length - 1 ? `\n${FENCE}` : ''}`
  })
}
