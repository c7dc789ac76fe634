/** All command names are much shorter. */
const LONGEST = 64

/** The edit distance of two words: inserted, deleted, replaced letters and swaps of neighbours. */
function distance(one: string, other: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let row = 1; row <= one.length; row += 1) {
    const next = [row]
    for (let at = 1; at <= other.length; at += 1) {
      const isSame = one[row - 1] === other[at - 1]
      const isSwapped = one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1]
      const changed = (last[at - 1] ?? 0) + (isSame ? 0 : 1)
      const swapped = isSwapped ? (beforeLast[at - 2] ?? Infinity) + 1 : Infinity
      next.push(Math.min(changed, (last[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1, swapped))
    }
    beforeLast = last
    last = next
  }
  return last[other.length] ?? 0
}

/** The length of the common prefix. */
function common(one: string, other: string): number {
  let count = 0
  while (count < one.length && one[count] === other[count]) count += 1
  return count
}

/** The name most similar to a word; null if none is near. At most a third of the word's letters may differ. */
export function nearest(written: string, names: readonly string[]): string | null {
  const word = written.slice(0, LONGEST).toLowerCase()
  const near = names
    .map(name => ({ name, far: distance(word, name), same: common(word, name) }))
    .filter(({ far }) => far <= Math.ceil(word.length / 3))
  return near.toSorted((one, other) => one.far - other.far || other.same - one.same)[0]?.name ?? null
}
