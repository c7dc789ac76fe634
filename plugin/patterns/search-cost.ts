import type { RE2JS } from 're2js'

import { patternOf } from './pattern.ts'

/**
 * How much is searched without a worker for one text: instructions × characters. With 21 kinds of patterns, each with its worst
 * text, compiling and searching this much took up to 1.1 ms (median of 30, Node 22, a loaded shared machine).
 */
export const STEPS_OF_A_TEXT = 40_000
/** How much is searched without a worker for all texts of a transaction. Nothing else runs during that time. */
export const STEPS_OF_A_TRANSACTION = 10 * STEPS_OF_A_TEXT
/**
 * A compiled pattern caches states of its searches, up to 4 bytes a step (the most of four kinds, measured). After so many steps
 * the compiled patterns are dropped.
 */
const STEPS_KEPT = 4_000_000

const PIECES = /\\[^]|\{(\d+)(?:,(\d*))?\}|[^]/gu
/** Pieces that are one instruction. If a count follows any other piece, it may repeat everything before. */
const ONE = /^(?:[^)}*+?|(^$\\]|\\[^EQ])$/u
const END_OF_CLASS = ']'
/** How many characters of a class have ranges that weigh as much as an instruction. */
const LETTERS_OF_AN_INSTRUCTION = 16
/** The factor for patterns with a class of Unicode, which has up to 1,400 ranges. */
const LARGE_CLASS = 50
const UNICODE_CLASS = /\\[pP]/
const IN_ANY_CASE = /\(\?[a-zA-Z]*i/
const NO_ASCII = /[^ -~\t\n\r]|\\[x0-9]/

/**
 * Whether a class in the pattern may have far more ranges than characters: a class of Unicode, or one of letters that have other
 * cases.
 */
const hasLargeClasses = (source: string): boolean =>
  UNICODE_CLASS.test(source) || (source.includes('[') && IN_ANY_CASE.test(source) && NO_ASCII.test(source))

/**
 * The weight of a pattern: at least its number of instructions. It is estimated from the pattern's characters, because compiling a
 * stranger's pattern may itself take long.
 */
export function weightOf(source: string): number {
  let weight = 4
  let before = ''
  for (const [piece, least, most] of source.matchAll(PIECES)) {
    if (least === undefined) weight += 2
    else {
      const times = Math.max(1, Number(least), Number(most ?? 0))
      const ranges = before === END_OF_CLASS ? Math.ceil(source.length / LETTERS_OF_AN_INSTRUCTION) : 0
      weight = ONE.test(before) ? weight + times * (4 + ranges) : (weight + 2) * times
    }
    before = piece
  }
  return hasLargeClasses(source) ? weight * LARGE_CLASS : weight
}

/** The most steps that a search takes, for a pattern's weight. */
export const stepsOf = (weight: number, text: string): number => weight * (text.length + 1)

/** Patterns that are searched without a worker. Each is compiled at its first search and cached. */
export class QuickPatterns {
  readonly #made = new Map<string, RE2JS>()
  #steps = 0

  /** Whether a text contains a pattern, at a cost of that many steps; null if the pattern cannot be run here. */
  isIn(source: string, text: string, steps: number): boolean | null {
    this.#steps += steps
    if (this.#steps > STEPS_KEPT) {
      this.#steps = steps
      this.#made.clear()
    }
    try {
      const made = this.#made.get(source) ?? patternOf(source)
      this.#made.set(source, made)
      return made.test(text)
    } catch {
      return null
    }
  }
}
