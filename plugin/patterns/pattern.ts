import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js'

import { ChannelError } from '../contract/errors/errors.ts'

/**
 * The most instructions of all patterns of an org together. RE2 takes time in proportion to program × text: with so many, a search
 * of 16 kB takes less than a second.
 */
export const PATTERN_INSTRUCTIONS = 2_000
const UNEXPECTED = 'unexpected )'
const MISSING = 'missing closing )'

/** Compiles a pattern. @throws ChannelError `bad_request` if RE2 cannot run it, or not in time. */
export function patternOf(text: string): RE2JS {
  const pattern = compiled(text)
  if (typeof pattern === 'string') throw unusable(pattern)
  if (pattern.programSize() > PATTERN_INSTRUCTIONS) throw unusable('is too large a pattern. Shorten it.')
  return pattern
}

/** The number of instructions of a pattern; 0 if it cannot be run. */
export function patternSize(text: string): number {
  const pattern = compiled(text)
  return typeof pattern === 'string' ? 0 : pattern.programSize()
}

const unusable = (fault: string): ChannelError => new ChannelError('bad_request', `match_rule.text_regex ${fault}`)

/** The compiled pattern, or a sentence about its fault. */
function compiled(text: string): RE2JS | string {
  try {
    return RE2JS.compile(text)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    const fault = error instanceof RE2JSSyntaxException ? error.getDescription() : 'cannot be run by RE2'
    const column = error instanceof RE2JSSyntaxException ? columnOf(text, error) : 1
    return `has a fault at column ${column}: ${fault}. Correct it; the syntax is RE2's.`
  }
}

/** The column of the fault, from 1. RE2 names the part that it does not understand, but not always its position. */
function columnOf(text: string, error: RE2JSSyntaxException): number {
  const fault = error.getDescription()
  if (fault === MISSING) return text.length + 1
  if (fault === UNEXPECTED) return firstUnexpected(text)
  const part = error.getPattern()
  return part === null ? text.length : text.indexOf(part) + 1
}

/** The shortest beginning of the pattern with the same fault ends at the fault. */
function firstUnexpected(text: string): number {
  for (let length = 1; length < text.length; length += 1) {
    try {
      RE2JS.compile(text.slice(0, length))
    } catch (error) {
      if (error instanceof RE2JSSyntaxException && error.getDescription() === UNEXPECTED) return length
    }
  }
  return text.length
}
