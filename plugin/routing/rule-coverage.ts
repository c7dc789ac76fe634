import type { Binding } from '../contract/binding.ts'
import type { ParsedAddress } from '../contract/ids.ts'
import { namedIn } from './match-rule.ts'
import type { Spellings } from '../contacts/spellings.ts'

/** The key part for a condition that a rule does not set. */
const ANYTHING = ''
/** Patterns that match every text, including the empty one. */
const IN_EVERY_TEXT = /^(?:(?:\(\?[ims]+\))?(?:\^|\$|\^?\.\*|\.\*\$)|\(\?[im]*s[im]*\)\^\.\*\$)$/

/** Every name that a rule has for a person; empty if the rule matches anybody. */
function namesIn(named: ParsedAddress | null, spellings: Spellings): string[] {
  if (named === null) return []
  if (named.kind === 'group') return [named.group]
  if (named.kind === 'lid') return [`lid:${named.lid}`]
  const spelled = spellings.get(named.phone) ?? named.phone
  return spelled === named.phone ? [spelled] : [named.phone, spelled].toSorted()
}

/** Each condition of a rule. The pattern comes last, because it may contain any character. */
function partsOf({ rule, suspendedAt }: Binding, spellings: Spellings): string[][] {
  const { from, group, to } = namedIn(rule)
  const { chat_type: chat, mentioned, forwarded, text_regex: pattern } = rule
  const kind = chat ?? (group?.kind === 'group' ? 'group' : ANYTHING)
  // A suspended pattern is not searched, and no binding behind it is asked.
  const isAnyText = pattern === undefined || suspendedAt !== null || IN_EVERY_TEXT.test(pattern)
  return [
    namesIn(from, spellings),
    namesIn(group, spellings),
    namesIn(to, spellings),
    [kind],
    [String(mentioned ?? ANYTHING)],
    [String(forwarded ?? ANYTHING)],
    [isAnyText ? ANYTHING : pattern],
  ]
}

/** One key for each combination of one value per part. */
const keysOf = (parts: readonly (readonly string[])[]): string[] =>
  parts.reduce<string[]>((keys, part) => keys.flatMap(key => part.map(each => `${key}\n${each}`)), [''])

const whole = (part: readonly string[]): string => part.join(' ')

/** The keys of what a rule takes. A person with two names is entered under each name and under both. */
const takenBy = (parts: readonly (readonly string[])[]): string[] =>
  keysOf(parts.map(part => [...new Set([...part, whole(part)])]))

/** The keys of rules that take everything this rule takes: each part is equal or open. */
const coversOf = (parts: readonly (readonly string[])[]): string[] =>
  keysOf(parts.map(part => [...new Set([whole(part), ANYTHING])]))

/** The bindings that messages reach, with their positions, each under the keys of all that it takes. */
type Reached = Map<string, { readonly at: number; readonly binding: Binding }>

function firstIn(reached: Reached, parts: readonly (readonly string[])[]): Binding | null {
  const found = coversOf(parts).flatMap(key => reached.get(key) ?? [])
  return found.toSorted((one, other) => one.at - other.at)[0]?.binding ?? null
}

/**
 * The bindings that no message reaches, by their ids. Each comes with the first binding before it that takes everything it would
 * take, as far as that can be seen without comparing what patterns find. `bindings` are in the order in which they are asked.
 * Disabled ones are skipped.
 */
export function standingBefore(bindings: readonly Binding[], spellings: Spellings): ReadonlyMap<string, Binding> {
  const reached: Reached = new Map()
  const found = new Map<string, Binding>()
  for (const [at, binding] of bindings.entries()) {
    if (!binding.enabled) continue
    const parts = partsOf(binding, spellings)
    const before = firstIn(reached, parts)
    if (before) found.set(binding.id, before)
    // A binding that is never reached is not entered: the binding before it already takes the same.
    else for (const key of takenBy(parts)) if (!reached.has(key)) reached.set(key, { at, binding })
  }
  return found
}

/** The warning about a binding that no message reaches. */
export function coveredSentence({ agent, id }: Binding): string {
  return `"${agent}" (${id}) takes every message that this binding takes, and is asked before it: no message reaches this one. Move it up, or let the other take less.`
}
