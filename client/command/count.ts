import type { OptionValues } from './options.ts'

const COUNT = /^[0-9]{1,5}$/
/** The largest count that --limit accepts. */
export const COUNT_MOST = 10_000
const UNLESS_SAID = 50

/** The count of `--limit`, 50 by default; a sentence if the value is not a valid count. */
export function countOf({ limit }: OptionValues): number | string {
  if (limit === undefined) return UNLESS_SAID
  const count = COUNT.test(limit) ? Number(limit) : 0
  return count >= 1 && count <= COUNT_MOST ? count : `-n takes a whole number from 1 to ${COUNT_MOST}.`
}
