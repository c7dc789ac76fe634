import type { Binding } from '../contract/binding.ts'
import type { ParsedAddress } from '../contract/ids.ts'
import { namedIn } from './match-rule.ts'
import type { Spellings } from '../contacts/spellings.ts'

/** What a part of a rule that is left open says. */
const ANYTHING = ''
/** Patterns that are found in every text, also in one that is empty. */
const IN_EVERY_TEXT = /^(?:(?:\(\?[ims]+\))?(?:\^|\$|\^?\.\*|\.\*\$)|\(\?[im]*s[im]*\)\^\.\*\$)$/

/** Every name that a rule has for somebody; none: it matches anybody. */
function namesIn(named: ParsedAddress | null, spellings: Spellings): string[] {
  if (named === null) return []
  if (named.kind === 'group') return [named.group]
  if (named.kind === 'lid') return [`lid:${named.lid}`]
  const spelled = spellings.get(named.phone) ?? named.phone
  return spelled === named.phone ? [spelled] : [named.phone, spelled].toSorted()
}

/** Each part of a rule; the pattern is the last, since anything may stand in it. */
function partsOf({ rule, suspendedAt }: Binding, spellings: Spellings): string[][] {
  const { from, group, to } = namedIn(rule)
  const { chat_type: chat, mentioned, forwarded, text_regex: pattern } = rule
  const kind = chat ?? (group?.kind === 'group' ? 'group' : ANYTHING)
  // Nothing is asked behind a pattern that is not searched any more.
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

/** One key for each way to take one of each part. */
const keysOf = (parts: readonly (readonly string[])[]): string[] =>
  parts.reduce<string[]>((keys, part) => keys.flatMap(key => part.map(each => `${key}\n${each}`)), [''])

const whole = (part: readonly string[]): string => part.join(' ')

/** What a rule takes: whom it names by two names is named by each, and by both. */
const takenBy = (parts: readonly (readonly string[])[]): string[] =>
  keysOf(parts.map(part => [...new Set([...part, whole(part)])]))

/** What takes all that a rule takes: it says the same of each part, or leaves it open. */
const coversOf = (parts: readonly (readonly string[])[]): string[] =>
  keysOf(parts.map(part => [...new Set([whole(part), ANYTHING])]))

/** The bindings that messages reach, each under all that it takes, with its place. */
type Reached = Map<string, { readonly at: number; readonly binding: Binding }>

function firstIn(reached: Reached, parts: readonly (readonly string[])[]): Binding | null {
  const found = coversOf(parts).flatMap(key => reached.get(key) ?? [])
  return found.toSorted((one, other) => one.at - other.at)[0]?.binding ?? null
}

/**
 * The bindings that no message reaches, by their ids, each with the first that is asked before it and takes all that it would
 * take, as far as that can be seen without asking what patterns find. They are in the order in which they are asked, and those
 * that are disabled are not.
 */
export function standingBefore(bindings: readonly Binding[], spellings: Spellings): ReadonlyMap<string, Binding> {
  const reached: Reached = new Map()
  const found = new Map<string, Binding>()
  for (const [at, binding] of bindings.entries()) {
    if (!binding.enabled) continue
    const parts = partsOf(binding, spellings)
    const before = firstIn(reached, parts)
    if (before) found.set(binding.id, before)
    // What one that is itself never reached takes, the one before it takes as well.
    else for (const key of takenBy(parts)) if (!reached.has(key)) reached.set(key, { at, binding })
  }
  return found
}

/** What is said of a binding that no message reaches. */
export function coveredSentence({ agent, id }: Binding): string {
  return `"${agent}" (${id}) takes every message that this binding takes, and is asked before it: no message reaches this one. Move it up, or let the other take less.`
}
