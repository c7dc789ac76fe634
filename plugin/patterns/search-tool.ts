import { ChannelError } from '../contract/errors/errors.ts'
import { patternOf, patternSize } from './pattern.ts'

/**
 * What workers are asked about patterns. `search`: in which of them a text is, up to the first that it is in, or all. `show`: what of
 * it each finds first. `check`: what is wrong with one. `weigh`: how many instructions each has.
 */
export type PatternMessage =
  | { readonly ask: 'search'; readonly text: string; readonly patterns: readonly string[]; readonly all: boolean }
  | { readonly ask: 'show'; readonly text: string; readonly patterns: readonly string[] }
  | { readonly ask: 'check'; readonly pattern: string }
  | { readonly ask: 'weigh'; readonly patterns: readonly string[] }

/** What they answer: a list has a place for each pattern that was looked at, in their order. */
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
    // What a search has learned is let go of before the next: it is megabytes.
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

/** Does what a worker is asked about patterns. */
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
