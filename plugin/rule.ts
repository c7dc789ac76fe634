import { RE2JS, RE2JSException } from 're2js'

import type { MatchRule } from './contract/binding.ts'
import { ChannelError } from './contract/errors.ts'
import type { Chat, ParsedAddress, Person } from './contract/ids.ts'
import { parseAddress } from './contract/ids.ts'

/** RE2 takes time in proportion to program × text: this many instructions search 16 kB in well under a second. */
const PATTERN_INSTRUCTIONS = 2_000

/** The facts of a message that rules ask about. `receiver` is the linked number it arrived at. */
export type Question = {
  readonly chat: Chat
  readonly sender: Person
  readonly receiver: Person
  readonly text: string
}

/** Whom a rule names; null where it leaves that open. */
export type Named = { readonly [Key in 'from' | 'group' | 'to']: ParsedAddress | null }

function addressIn(rule: MatchRule, key: keyof Named): ParsedAddress | null {
  const text = rule[key]
  if (text === undefined) return null
  const named = parseAddress(text)
  if (named) return named
  throw new ChannelError(
    'bad_request',
    `match_rule.${key} is neither a phone number, nor lid:<digits>, nor a group id.`,
  )
}

/** Whom a rule names. @throws ChannelError `bad_request` that names the key which names nobody. */
export function namedIn(rule: MatchRule): Named {
  return { from: addressIn(rule, 'from'), group: addressIn(rule, 'group'), to: addressIn(rule, 'to') }
}

/** A pattern, ready to be searched. @throws ChannelError `bad_request` for one that RE2 cannot run, or not in time. */
export function patternOf(text: string): RE2JS {
  const pattern = compiled(text)
  if (pattern && pattern.programSize() <= PATTERN_INSTRUCTIONS) return pattern
  const fault = pattern ? 'is too large a pattern. Shorten it' : 'is not a pattern that RE2 can run. Mend its syntax'
  throw new ChannelError('bad_request', `match_rule.text_regex ${fault}.`)
}

function compiled(text: string): RE2JS | null {
  try {
    return RE2JS.compile(text)
  } catch (error) {
    if (error instanceof RE2JSException) return null
    throw error
  }
}

/** Refuses a rule that could not be asked. @throws ChannelError `bad_request` that names the key which is at fault. */
export function checkRule(rule: MatchRule): void {
  namedIn(rule)
  if (rule.text_regex !== undefined) patternOf(rule.text_regex)
}
