import { RE2JS, RE2JSException } from 're2js'

import type { Binding, MatchRule, Resolution } from './contract/binding.ts'
import { ChannelError } from './contract/errors.ts'
import type { Chat, ParsedAddress, Person } from './contract/ids.ts'
import { parseAddress } from './contract/ids.ts'

const TEXT_BYTES = 16 * 1024
const COMPILED_RULES = 1_000
/** RE2 takes time in proportion to program × text: this many instructions search 16 kB in well under a second. */
const PATTERN_INSTRUCTIONS = 2_000

/** The facts of a message that rules ask about. `receiver` is the linked number it arrived at. */
export type Question = {
  readonly chat: Chat
  readonly sender: Person
  readonly receiver: Person
  readonly text: string
}

/** What a clause says of a message; `null` when it names an address that is not known of that person yet. */
type Verdict = boolean | null

type Clause = (question: Question) => Verdict

/** A rule, ready to be asked. */
export type CompiledRule = readonly Clause[]

function isPerson(named: ParsedAddress, person: Person): Verdict {
  if (named.kind === 'group') return false
  if (named.kind === 'phone') return person.phone === null ? null : person.phone === named.phone
  return person.lid === null ? null : person.lid === named.lid
}

function isGroup(named: ParsedAddress, { chat, sender }: Question): Verdict {
  if (named.kind === 'group') return chat.kind === 'group' && chat.group === named.group
  return isPerson(named, chat.kind === 'group' ? sender : chat.peer)
}

function addressIn(rule: MatchRule, key: 'from' | 'group' | 'to'): ParsedAddress | null {
  const text = rule[key]
  if (text === undefined) return null
  const named = parseAddress(text)
  if (named) return named
  throw new ChannelError(
    'bad_request',
    `match_rule.${key} is neither a phone number, nor lid:<digits>, nor a group id.`,
  )
}

function patternOf(text: string): RE2JS {
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

/** The longest beginning of a text that fits into 16 kB of UTF-8, cut between characters. */
function beginning(text: string): string {
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(TEXT_BYTES)).read)
}

/** Makes a rule ready to be asked. @throws ChannelError `bad_request` that names the key which cannot be. */
export function compileRule(rule: MatchRule): CompiledRule {
  const clauses: Clause[] = []
  const from = addressIn(rule, 'from')
  const group = addressIn(rule, 'group')
  const to = addressIn(rule, 'to')
  if (from) clauses.push(question => isPerson(from, question.sender))
  if (group) clauses.push(question => isGroup(group, question))
  if (to) clauses.push(question => isPerson(to, question.receiver))
  if (rule.text_regex !== undefined) {
    const pattern = patternOf(rule.text_regex)
    clauses.push(({ text }) => pattern.test(text))
  }
  return clauses
}

/** Whether a rule takes a message: one clause that is false decides, else one that is not known leaves it open. */
export function ask(rule: CompiledRule, question: Question): Verdict {
  let verdict: Verdict = true
  for (const clause of rule) {
    const said = clause(question)
    if (said === false) return false
    if (said === null) verdict = null
  }
  return verdict
}

/**
 * Says which binding answers a message: the first whose rule holds. A rule before it that may yet hold stops the search,
 * for the first match must stay the first (design.md §4.1).
 */
export class Resolver {
  readonly #compiled = new Map<string, CompiledRule>()

  resolve(asked: Question, bindings: readonly Binding[]): Resolution {
    const question = { ...asked, text: beginning(asked.text) }
    for (const binding of bindings) {
      const verdict = ask(this.#rule(binding), question)
      if (verdict === null) return { outcome: 'unmatched', reason: 'identity_unknown' }
      if (verdict) return { outcome: 'matched', binding }
    }
    return { outcome: 'unmatched', reason: 'no_binding' }
  }

  #rule(binding: Binding): CompiledRule {
    const known = this.#compiled.get(binding.id)
    if (known) return known
    if (this.#compiled.size >= COMPILED_RULES) this.#compiled.clear()
    const rule = compileRule(binding.rule)
    this.#compiled.set(binding.id, rule)
    return rule
  }
}
