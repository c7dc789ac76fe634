import { ChannelError } from '../contract/errors/errors.ts'
import { patternOf, patternSize } from './pattern.ts'

/**
 * The messages to the pattern tool of workers. `search`: which patterns match a text, up to the first match, or all. `show`: the
 * first match of each pattern. `check`: the fault of a pattern. `weigh`: the number of instructions of each pattern.
 */
export type PatternMessage =
  | { readonly ask: 'search'; readonly text: string; readonly patterns: readonly string[]; readonly all: boolean }
  | { readonly ask: 'show'; readonly text: string; readonly patterns: readonly string[] }
  | { readonly ask: 'check'; readonly pattern: string }
  | { readonly ask: 'weigh'; readonly patterns: readonly string[] }

/** The answers of the tool. Lists have one entry per searched pattern, in their order. */
export type PatternAnswer = {
  readonly search: readonly boolean[]
  readonly show: readonly (string | null)[]
  readonly check: string | null
  readonly weigh: readonly number[]
}

const SHOWN_LETTERS_MOST = 64

function searched(text: string, patterns: readonly string[], all: boolean): boolean[] {
  const found: boolean[] = []
  for (const pattern of patterns) {
    // Compiled again each time: a used pattern caches megabytes of states, which are freed before the next search.
    const isThere = patternOf(pattern).test(text)
    found.push(isThere)
    if (isThere && !all) break
  }
  return found
}

function shown(text: string, pattern: string): string | null {
  const match = patternOf(pattern).matcher(text)
  return match.find() ? (match.group() ?? '').slice(0, SHOWN_LETTERS_MOST) : null
}

function faultOf(pattern: string): string | null {
  try {
    patternOf(pattern)
    return null
  } catch (error) {
    if (error instanceof ChannelError) return error.message
    throw error
  }
}

/** Handles a message to the pattern tool. */
export function patternTool(message: PatternMessage): PatternAnswer[keyof PatternAnswer] {
  switch (message.ask) {
    case 'search':
      return searched(message.text, message.patterns, message.all)
    case 'show':
      return message.patterns.map(pattern => shown(message.text, pattern))
    case 'check':
      return faultOf(message.pattern)
    case 'weigh':
      return message.patterns.map(patternSize)
  }
}
