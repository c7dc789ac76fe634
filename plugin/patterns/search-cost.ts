import type { RE2JS } from 're2js'

import { patternOf } from './pattern.ts'

/**
 * So much is searched at once, for one text: instructions × letters. 21 kinds of patterns, each with the text that makes most of it
 * new to the search, took up to 1.1 ms for as many, made and searched (median of 30, Node 22, a loaded shared machine).
 */
export const STEPS_OF_A_TEXT = 40_000
/** So much is searched at once, for all texts of a transaction: nothing else is done in the meantime. */
export const STEPS_OF_A_TRANSACTION = 10 * STEPS_OF_A_TEXT
/** What a search has seen of texts is kept for the next, up to 4 bytes a step (the most of four kinds, measured): it is forgotten after so many. */
const STEPS_KEPT = 4_000_000

const PIECES = /\\[^]|\{(\d+)(?:,(\d*))?\}|[^]/gu
/** What a number of times can stand behind that is one instruction; behind all else it may repeat whatever came before. */
const ONE = /^(?:[^)}*+?|(^$\\]|\\[^EQ])$/u
const END_OF_CLASS = ']'
/** Letters of a class whose ranges weigh as much as an instruction. */
const LETTERS_OF_AN_INSTRUCTION = 16
/** What weighs as much as a class of Unicode, which has up to 1,400 ranges. */
const LARGE_CLASS = 50
const UNICODE_CLASS = /\\[pP]/
const IN_ANY_CASE = /\(\?[a-zA-Z]*i/
const NO_ASCII = /[^ -~\t\n\r]|\\[x0-9]/

/** Whether a class in it may have far more ranges than letters: of Unicode, or of letters that have other cases. */
const hasLargeClasses = (source: string): boolean =>
  UNICODE_CLASS.test(source) || (source.includes('[') && IN_ANY_CASE.test(source) && NO_ASCII.test(source))

/**
 * What a pattern weighs: at least as many as it has instructions. It is read off the letters, since making the instructions of what
 * somebody wrote may itself take for long.
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

/** How many steps searching takes at most, for what a pattern weighs. */
export const stepsOf = (weight: number, text: string): number => weight * (text.length + 1)

/** Patterns that are searched at once, made when they are searched for the first time. */
export class QuickPatterns {
  readonly #made = new Map<string, RE2JS>()
  #steps = 0

  /** Whether a pattern is in a text, for so many steps; null when that cannot be said here. */
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
