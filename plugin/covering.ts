import type { Binding, MatchRule } from './contract/binding.ts'
import type { ParsedAddress } from './contract/ids.ts'
import { namedIn, type Named } from './rule.ts'
import type { Spellings } from './spellings.ts'

/** Whom a part of a rule takes, by every name that it has for them; null: whoever it is. */
type Whom = ReadonlySet<string> | null

/** A rule, made ready to be compared with many. */
type Taken = { readonly [Key in keyof Named]: Whom } & {
  readonly text: string | null
  readonly chat: 'direct' | 'group' | null
  readonly mentioned: boolean | null
  readonly forwarded: true | null
}

/** Patterns that are found in every text, also in one that is empty. */
const IN_EVERY_TEXT = /^(?:(?:\(\?[ims]+\))?(?:\^|\$|\^?\.\*|\.\*\$)|\(\?[im]*s[im]*\)\^\.\*\$)$/

function whom(named: ParsedAddress | null, spellings: Spellings): Whom {
  if (named === null) return null
  if (named.kind === 'group') return new Set([named.group])
  if (named.kind === 'lid') return new Set([`lid:${named.lid}`])
  return new Set([named.phone, spellings.get(named.phone) ?? named.phone])
}

function chatIn({ chat_type: chat }: MatchRule, { group }: Named): Taken['chat'] {
  return chat ?? (group?.kind === 'group' ? 'group' : null)
}

function takenBy({ rule, suspendedAt }: Binding, spellings: Spellings): Taken {
  const named = namedIn(rule)
  const { text_regex: pattern } = rule
  // Nothing is asked behind a pattern that is not searched any more.
  const isAnyText = pattern === undefined || suspendedAt !== null || IN_EVERY_TEXT.test(pattern)
  return {
    from: whom(named.from, spellings),
    group: whom(named.group, spellings),
    to: whom(named.to, spellings),
    text: isAnyText ? null : pattern,
    chat: chatIn(rule, named),
    mentioned: rule.mentioned ?? null,
    forwarded: rule.forwarded ?? null,
  }
}

function isWithin(some: Whom, all: Whom): boolean {
  if (all === null) return true
  if (some === null) return false
  for (const name of some) if (!all.has(name)) return false
  return true
}

const isSame = <Value>(one: Value, all: Value | null): boolean => all === null || one === all

/** Whether a rule takes all that another takes, as far as can be seen without asking what a pattern finds. */
function covers(all: Taken, some: Taken): boolean {
  return (
    isWithin(some.from, all.from) &&
    isWithin(some.group, all.group) &&
    isWithin(some.to, all.to) &&
    isSame(some.text, all.text) &&
    isSame(some.chat, all.chat) &&
    isSame(some.mentioned, all.mentioned) &&
    isSame(some.forwarded, all.forwarded)
  )
}

/** The first that is asked before this one and takes all that it would take; null when messages reach it, or it is disabled. */
export function standingBefore(binding: Binding, bindings: readonly Binding[], spellings: Spellings): Binding | null {
  if (!binding.enabled) return null
  const taken = takenBy(binding, spellings)
  const earlier = bindings.slice(
    0,
    bindings.findIndex(({ id }) => id === binding.id),
  )
  return earlier.find(each => each.enabled && covers(takenBy(each, spellings), taken)) ?? null
}

/** The same of all bindings, which are in the order in which they are asked: by the ids of those that no message reaches. */
export function allStandingBefore(bindings: readonly Binding[], spellings: Spellings): ReadonlyMap<string, Binding> {
  const earlier: { readonly binding: Binding; readonly taken: Taken }[] = []
  const found = new Map<string, Binding>()
  for (const binding of bindings) {
    if (!binding.enabled) continue
    const taken = takenBy(binding, spellings)
    const before = earlier.find(each => covers(each.taken, taken))
    // What one that is itself never reached takes, the one before it takes as well.
    if (before) found.set(binding.id, before.binding)
    else earlier.push({ binding, taken })
  }
  return found
}

/** What is said of a binding that no message reaches. */
export function coveredSentence({ agent, id }: Binding): string {
  return `"${agent}" (${id}) takes every message that this binding takes, and is asked before it: no message reaches this one. Move it up, or let the other take less.`
}
