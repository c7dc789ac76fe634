import type { OptionValues } from './options.ts'

const COUNT = /^[0-9]{1,5}$/
const MOST = 10_000
const UNLESS_SAID = 50

/** How many `--limit` asks for, 50 unless it says; a sentence when that is no number that can be. */
export function countOf({ limit }: OptionValues): number | string {
  if (limit === undefined) return UNLESS_SAID
  const count = COUNT.test(limit) ? Number(limit) : 0
  return count >= 1 && count <= MOST ? count : `-n takes a whole number from 1 to ${MOST}.`
}
