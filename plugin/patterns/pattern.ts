import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js'

import { ChannelError } from '../contract/errors/errors.ts'

/** RE2 takes time in proportion to program × text: so many instructions, of all patterns of an org, search 16 kB in less than a second. */
export const PATTERN_INSTRUCTIONS = 2_000
const UNEXPECTED = 'unexpected )'
const MISSING = 'missing closing )'

/** A pattern, ready to be searched. @throws ChannelError `bad_request` for one that RE2 cannot run, or not in time. */
export function patternOf(text: string): RE2JS {
  const pattern = compiled(text)
  if (typeof pattern === 'string') throw unusable(pattern)
  if (pattern.programSize() > PATTERN_INSTRUCTIONS) throw unusable('is too large a pattern. Shorten it.')
  return pattern
}

/** How many instructions a pattern has; 0 for one that cannot be run. */
export function patternSize(text: string): number {
  const pattern = compiled(text)
  return typeof pattern === 'string' ? 0 : pattern.programSize()
}

const unusable = (fault: string): ChannelError => new ChannelError('bad_request', `match_rule.text_regex ${fault}`)

/** The pattern, or what is wrong with it. */
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

/** Where the fault is, from 1. RE2 names the part that it does not understand, and not always the place of it. */
function columnOf(text: string, error: RE2JSSyntaxException): number {
  const fault = error.getDescription()
  if (fault === MISSING) return text.length + 1
  if (fault === UNEXPECTED) return firstUnexpected(text)
  const part = error.getPattern()
  return part === null ? text.length : text.indexOf(part) + 1
}

/** The shortest beginning that fails in the same way ends with the fault. */
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
