import type { z } from 'zod'

import type { matchRuleSchema } from '../contract/api/bindings.ts'
import type { MatchRule } from '../contract/binding.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import { parseAddress, type ParsedAddress, type Phone } from '../contract/ids.ts'

/** Whom a rule names; null where the rule names nobody. */
export type Named = { readonly [Key in 'from' | 'group' | 'to']: ParsedAddress | null }

const TEXT_BYTES = 16 * 1024
const MOST_BYTES_OF_A_UNIT = 3

/** The part of a text that is searched: the longest beginning that fits into 16 kB of UTF-8, cut between characters. */
export function searchedIn(text: string): string {
  if (text.length * MOST_BYTES_OF_A_UNIT <= TEXT_BYTES) return text
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(TEXT_BYTES)).read)
}

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

/** Parses the addresses that a rule names. @throws ChannelError `bad_request` that names the key whose value is not an address. */
export function namedIn(rule: MatchRule): Named {
  return { from: addressIn(rule, 'from'), group: addressIn(rule, 'group'), to: addressIn(rule, 'to') }
}

/** The phone numbers that a rule names, without duplicates. */
export function numbersIn(rule: MatchRule): Phone[] {
  const { from, group, to } = namedIn(rule)
  return [...new Set([from, group, to].flatMap(each => (each?.kind === 'phone' ? [each.phone] : [])))]
}

/** A rule as it is stored: with one key, `from`, for the person it names. */
export function ruleOf({ phone, user, from = phone ?? user, ...rest }: z.infer<typeof matchRuleSchema>): MatchRule {
  return { ...rest, ...(from !== undefined && { from }) }
}

/** Whether a rule has no conditions. */
export const takesAll = ({ channel: _channel, ...keys }: MatchRule): boolean =>
  Object.values(keys).every(value => value === undefined)
