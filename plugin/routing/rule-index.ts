import type { Binding, MatchInput, MatchRule, Resolution } from '../contract/binding.ts'
import type { ParsedAddress, Person, Phone } from '../contract/ids.ts'
import { Findings, type Finding, Unsearched } from '../patterns/findings.ts'
import { QuickPatterns, stepsOf, weightOf } from '../patterns/search-cost.ts'
import { namedIn, searchedIn } from './match-rule.ts'
import { NO_SPELLINGS, twinOf, type Spellings } from '../contacts/spellings.ts'

/** The key part of a clause that names nothing. Every question has it too. */
const ANYTHING = ''
/** Stands for an address that is not known of a person yet. No real address looks like it. */
const UNKNOWN = { phone: '?phone', lid: '?lid' } as const

/** A rule's pattern, and the cost of searching for it. */
type Pattern = { readonly source: string; readonly weight: number }

/** A binding under one of its keys. If a question has the key, only the pattern is left to check. */
type Entry = {
  /** The position of the binding. */
  readonly at: number
  readonly binding: Binding
  /** The key stands for an address that is not known yet, so the rule may or may not hold. */
  readonly open: boolean
  readonly pattern: Pattern | null
}

const lidAddress = (lid: string): string => `lid:${lid}`

/** Stands for a number that WhatsApp may use instead of the one that a rule names. */
const possibleSpelling = (phone: Phone): string => `?${phone}`

/**
 * The forms in which questions may contain a number: as the rule names it, as WhatsApp spells it, or, while WhatsApp has not been
 * asked, a form it may have.
 */
function numbersFor(phone: Phone, spellings: Spellings): string[] {
  const address = spellings.get(phone)
  if (address !== undefined) return address === null || address === phone ? [phone] : [phone, address]
  const twin = twinOf(phone)
  return twin === null ? [phone] : [phone, possibleSpelling(twin)]
}

/** The values in a question that fit an address a rule names: exactly that address, or the mark for an unknown address. */
function valuesNamed(named: ParsedAddress | null, spellings: Spellings): string[] {
  if (named === null) return [ANYTHING]
  if (named.kind === 'phone') return [...numbersFor(named.phone, spellings), UNKNOWN.phone]
  if (named.kind === 'lid') return [lidAddress(named.lid), UNKNOWN.lid]
  return [named.group]
}

/** What a rule names, or how a question may be named: for each part all possible values. */
type Parts = {
  readonly from: string[]
  readonly group: string[]
  readonly to: string[]
  readonly conditions: string[]
}

/** One key for each combination of one value per part. */
function* keysOf({ from, group, to, conditions }: Parts): Generator<string> {
  for (const sender of from)
    for (const chat of group)
      for (const receiver of to) for (const each of conditions) yield `${sender} ${chat} ${receiver} ${each}`
}

/**
 * The kind of chat, the mention and the forward flag that a rule asks for, as one key part. Conditions that are not set stay open.
 */
const conditionsOf = ({ chat_type: kind, mentioned, forwarded }: MatchRule): string =>
  [kind ?? ANYTHING, mentioned ?? ANYTHING, forwarded ?? ANYTHING].join('/')

/** The conditions that a rule may set so that it fits a message. */
function* conditionsFitting({ chat, mentioned, claimed }: MatchInput): Generator<string> {
  const forwardings = claimed?.forwarded ? [true as const, undefined] : [undefined]
  for (const chat_type of [chat.kind, undefined])
    for (const mention of [mentioned, undefined])
      for (const forwarded of forwardings) yield conditionsOf({ chat_type, mentioned: mention, forwarded })
}

/** Merges ascending lists of entries into one ascending sequence. */
function* inOrder(lists: readonly (readonly Entry[])[]): Generator<Entry> {
  const rest = lists.map(entries => ({ entries, next: 0 }))
  for (;;) {
    let least: { entry: Entry; from: { next: number } } | null = null
    for (const from of rest) {
      const entry = from.entries[from.next]
      if (entry && (least === null || entry.at < least.entry.at)) least = { entry, from }
    }
    if (least === null) return
    least.from.next += 1
    yield least.entry
  }
}

/** The bindings that are asked next as long as no pattern is found, up to the first one without a pattern. */
function patternsBehind(entries: Generator<Entry>): Binding[] {
  const bindings: Binding[] = []
  for (const { binding, pattern } of entries) {
    if (!pattern || binding.suspendedAt !== null) break
    bindings.push(binding)
  }
  return bindings
}

/**
 * Indexes an org's bindings, so that a question costs the same however many there are. Each rule is entered under a key for every
 * value a question can have for the people it names. A question has few keys. Under these it finds the rules whose names match and
 * those that may still match, and only their patterns are left to check.
 */
export class RuleIndex {
  readonly #entries = new Map<string, Entry[]>()
  /** The conditions that occur in rules. */
  readonly #conditions = new Set<string>()
  /** The version of the org's bindings that this index was built from. */
  readonly change: number

  readonly #spellings: Spellings
  /** Numbers that WhatsApp may use instead of numbers that rules name. */
  readonly #possibleSpellings = new Set<string>()

  readonly #patterns = new QuickPatterns()

  /** `bindings` are in the order in which they are asked. */
  constructor(bindings: readonly Binding[], change = 0, spellings: Spellings = NO_SPELLINGS) {
    this.change = change
    this.#spellings = spellings
    for (const [at, binding] of bindings.entries()) this.#add(binding, at)
  }

  /**
   * Decides which binding answers a message: the first one whose rule holds. An earlier rule that may still hold stops the search,
   * because the first match must stay the first (design.md §4.1). So does a rule whose pattern takes too long. @throws Unsearched
   * if the text must be searched first for more than is searched here.
   */
  resolve(question: MatchInput, findings: Findings = new Findings()): Resolution {
    const text = searchedIn(question.text)
    const { sender } = question
    const finding = findings.in({ text, sender })
    const entries = inOrder(this.#listsFor(question))
    for (const entry of entries) {
      const { binding, open } = entry
      const found = this.#found(entry, text, finding)
      if (found === 'absent') continue
      if (found === null) {
        const bindings = [binding, ...patternsBehind(entries)]
        throw new Unsearched([{ text, bindings, sender }])
      }
      if (open) return { outcome: 'unmatched', reason: 'identity_unknown' }
      if (found === 'too_slow') return { outcome: 'unmatched', reason: 'rule_too_slow' }
      return { outcome: 'matched', binding }
    }
    return { outcome: 'unmatched', reason: 'no_binding' }
  }

  #found({ binding, pattern }: Entry, text: string, finding: ReturnType<Findings['in']>): Finding | null {
    if (!pattern) return 'found'
    if (binding.suspendedAt !== null) return 'too_slow'
    const steps = stepsOf(pattern.weight, text)
    return finding(pattern.source, steps, () => this.#patterns.isIn(pattern.source, text, steps))
  }

  #add(binding: Binding, at: number): void {
    const { rule } = binding
    const { from, group, to } = namedIn(rule)
    const { text_regex: source } = rule
    const pattern = source === undefined ? null : { source, weight: weightOf(source) }
    const parts = {
      from: valuesNamed(from, this.#spellings),
      group: valuesNamed(group, this.#spellings),
      to: valuesNamed(to, this.#spellings),
      conditions: [conditionsOf(rule)],
    }
    for (const conditions of parts.conditions) this.#conditions.add(conditions)
    for (const each of [...parts.from, ...parts.group, ...parts.to])
      if (each.startsWith('?+')) this.#possibleSpellings.add(each)
    for (const key of keysOf(parts)) {
      const open = key.includes('?')
      const entries = this.#entries.get(key)
      if (!entries) this.#entries.set(key, [{ at, binding, open, pattern }])
      // Entries behind one without a pattern are never reached.
      else if (entries.at(-1)?.pattern) entries.push({ at, binding, open, pattern })
    }
  }

  /** The values in rules that fit a person of a question. */
  #valuesFor({ phone, lid }: Person): string[] {
    const values = [ANYTHING, phone ?? UNKNOWN.phone, lid === null ? UNKNOWN.lid : lidAddress(lid)]
    return phone && this.#possibleSpellings.has(possibleSpelling(phone)) ? [...values, possibleSpelling(phone)] : values
  }

  #listsFor(question: MatchInput): Entry[][] {
    const { chat, sender, receiver } = question
    const group = chat.kind === 'group' ? [...this.#valuesFor(sender), chat.group] : this.#valuesFor(chat.peer)
    const keys = keysOf({
      from: this.#valuesFor(sender),
      group,
      to: this.#valuesFor(receiver),
      // Conditions that no rule sets would only make the lookup slower.
      conditions: [...conditionsFitting(question)].filter(conditions => this.#conditions.has(conditions)),
    })
    return [...keys].flatMap(key => {
      const entries = this.#entries.get(key)
      return entries ? [entries] : []
    })
  }
}
