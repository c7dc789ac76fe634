import type { Between } from '../formatting/content-parts.ts'

/** This many consecutive letters that also occur in a text count as a copy of it. */
const REPEATED = 8
/** How many letters are processed in one go: one or two milliseconds of work. */
const PIECE = 16_384
const NOT_A_WORD = /[^\p{L}\p{N}]+/gu
const WORD_LETTER = /[\p{L}\p{N}]/u
const CUT = '…'

/** The form in which texts are compared: normalized, lower case, and with one form of sigma. */
const folded = (text: string): string => text.normalize('NFKC').toLowerCase().replaceAll('ς', 'σ')

/** The letters of a line as they are compared, and for each the index of the character it comes from. */
type Letters = { readonly text: string; readonly at: readonly number[] }

function lettersOf(characters: readonly string[]): Letters {
  const parts = characters.map(folded)
  return { text: parts.join(''), at: parts.flatMap((part, at) => Array.from({ length: part.length }, () => at)) }
}

function* runsOf(text: string): Generator<string> {
  for (let begin = 0; begin + REPEATED <= text.length; begin += 1) yield text.slice(begin, begin + REPEATED)
}

/** Where a text may be split: a character of plain ASCII never combines with what precedes it. */
function breakBefore(text: string, at: number): number {
  for (let back = at; back > at - REPEATED * REPEATED; back -= 1) if (text.charCodeAt(back) < 0x80) return back
  return (text.codePointAt(at - 1) ?? 0) > 0xffff ? at - 1 : at
}

/** The folded text, piece by piece. */
function* piecesOf(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    const to = from + PIECE < text.length ? breakBefore(text, from + PIECE) : text.length
    yield folded(text.slice(from, to))
    from = to
  }
}

/** The runs that occur in the texts. The texts are read once, however many there are, and other work may run in between. */
async function foundIn(texts: readonly string[], wanted: ReadonlySet<string>, between: Between): Promise<Set<string>> {
  const found = new Set<string>()
  const look = (text: string): void => {
    for (const run of runsOf(text)) if (wanted.has(run)) found.add(run)
  }
  for (const text of texts) {
    let [whole, bare] = ['', '']
    for (const piece of piecesOf(text)) {
      whole += piece
      bare += piece.replaceAll(NOT_A_WORD, '')
      look(whole)
      look(bare)
      whole = whole.slice(1 - REPEATED)
      bare = bare.slice(1 - REPEATED)
      await between()
    }
  }
  return found
}

/** The lines without anything that repeats that many letters of the texts, even with other blanks and signs in between. */
export async function withoutRepeats(
  lines: readonly string[],
  texts: readonly string[],
  between: Between,
): Promise<string[]> {
  const split = lines.map(line => Array.from(line))
  const spellings = split.map(characters => {
    const bare = characters.map(character => (WORD_LETTER.test(character) ? character : ''))
    return [lettersOf(characters), lettersOf(bare)]
  })
  const wanted = new Set(spellings.flat().flatMap(({ text }) => [...runsOf(text)]))
  const found = wanted.size > 0 ? await foundIn(texts, wanted, between) : new Set<string>()
  return split.map((characters, index) => {
    const repeated = new Set((spellings[index] ?? []).flatMap(letters => [...placesOf(letters, found)]))
    const kept = characters.map((character, at) => (repeated.has(at) ? (repeated.has(at - 1) ? '' : CUT) : character))
    return kept.join('')
  })
}

/** The indexes of every character of the line from the first to the last letter of a run that was found. */
function* placesOf({ text, at }: Letters, found: ReadonlySet<string>): Generator<number> {
  for (const [begin, run] of [...runsOf(text)].entries()) {
    if (!found.has(run)) continue
    for (let place = at[begin] ?? 0; place <= (at[begin + REPEATED - 1] ?? -1); place += 1) yield place
  }
}
