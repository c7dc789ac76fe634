import type { Binding, MatchInput, MatchRule, Resolution } from '../contract/binding.ts'
import type { ParsedAddress, Person, Phone } from '../contract/ids.ts'
import { Findings, type Finding, Unsearched } from '../patterns/findings.ts'
import { QuickPatterns, stepsOf, weightOf } from '../patterns/search-cost.ts'
import { namedIn, searchedIn } from './match-rule.ts'
import { NO_SPELLINGS, twinOf, type Spellings } from '../contacts/spellings.ts'

/** What a clause that names nothing and a question both say. */
const ANYTHING = ''
/** In place of an address that is not known of a person yet: no address looks like it. */
const UNKNOWN = { phone: '?phone', lid: '?lid' } as const

/** A rule's pattern, and what searching it takes. */
type Pattern = { readonly source: string; readonly weight: number }

/** A binding under one of its keys. Once its key is found only its pattern is left to ask. */
type Entry = {
  /** Its place among the bindings. */
  readonly at: number
  readonly binding: Binding
  /** The key stands for an address that is not known yet: the rule may hold, or not. */
  readonly open: boolean
  readonly pattern: Pattern | null
}

const lidAddress = (lid: string): string => `lid:${lid}`

/** In place of a number that WhatsApp may have instead of the one that a rule names. */
const perhaps = (phone: Phone): string => `?${phone}`

/** A number as questions may say it: as it is named or as WhatsApp has it, or one that it may have while it was not asked. */
function numbersFor(phone: Phone, spellings: Spellings): string[] {
  const address = spellings.get(phone)
  if (address !== undefined) return address === null || address === phone ? [phone] : [phone, address]
  const twin = twinOf(phone)
  return twin === null ? [phone] : [phone, perhaps(twin)]
}

/** What a question may say where a rule names this: exactly that, or of a person that it is not known. */
function namings(named: ParsedAddress | null, spellings: Spellings): string[] {
  if (named === null) return [ANYTHING]
  if (named.kind === 'phone') return [...numbersFor(named.phone, spellings), UNKNOWN.phone]
  if (named.kind === 'lid') return [lidAddress(named.lid), UNKNOWN.lid]
  return [named.group]
}

/** What a rule names, or what a question may be named by: each part in every way in which it can be said. */
type Parts = {
  readonly from: string[]
  readonly group: string[]
  readonly to: string[]
  readonly manner: string[]
}

/** One key for each way to take one of each part. */
function* keysOf({ from, group, to, manner }: Parts): Generator<string> {
  for (const sender of from)
    for (const chat of group)
      for (const receiver of to) for (const each of manner) yield `${sender} ${chat} ${receiver} ${each}`
}

/** In what kind of chat, whether with a mention, and whether as forwarded; anything that is left open is as well. */
const mannerOf = ({ chat_type: kind, mentioned, forwarded }: MatchRule): string =>
  [kind ?? ANYTHING, mentioned ?? ANYTHING, forwarded ?? ANYTHING].join('/')

/** What rules may ask of the manner of a message for it to fit them. */
function* mannersOf({ chat, mentioned, claimed }: MatchInput): Generator<string> {
  const forwardings = claimed?.forwarded ? [true as const, undefined] : [undefined]
  for (const chat_type of [chat.kind, undefined])
    for (const mention of [mentioned, undefined])
      for (const forwarded of forwardings) yield mannerOf({ chat_type, mentioned: mention, forwarded })
}

/** The entries of lists that ascend, ascending. */
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

/** The bindings that are asked next as long as nothing is found, up to the first that asks no pattern. */
function patternsBehind(entries: Generator<Entry>): Binding[] {
  const bindings: Binding[] = []
  for (const { binding, pattern } of entries) {
    if (!pattern || binding.suspendedAt !== null) break
    bindings.push(binding)
  }
  return bindings
}

/**
 * An org's bindings, so that a question costs the same however many there are. A rule stands under a key for each thing
 * that a question can say of those it names; a question finds, under the few keys that it has, the rules whose names hold
 * and those that may yet hold, and asks nothing but their patterns.
 */
export class RuleIndex {
  readonly #entries = new Map<string, Entry[]>()
  /** The manners that rules ask for. */
  readonly #manners = new Set<string>()
  /** After how many changes of the org's bindings these were they. */
  readonly change: number

  readonly #spellings: Spellings
  /** The numbers that WhatsApp may have instead of some that rules name. */
  readonly #doubted = new Set<string>()

  readonly #patterns = new QuickPatterns()

  /** The bindings in the order in which they are asked. */
  constructor(bindings: readonly Binding[], change = 0, spellings: Spellings = NO_SPELLINGS) {
    this.change = change
    this.#spellings = spellings
    for (const [at, binding] of bindings.entries()) this.#add(binding, at)
  }

  /**
   * Says which binding answers a message: the first whose rule holds. A rule before it that may yet hold stops the
   * search, for the first match must stay the first (design.md §4.1); so does one whose pattern takes too long. @throws Unsearched
   * when the text is to be searched first for more than is searched here.
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
      from: namings(from, this.#spellings),
      group: namings(group, this.#spellings),
      to: namings(to, this.#spellings),
      manner: [mannerOf(rule)],
    }
    for (const manner of parts.manner) this.#manners.add(manner)
    for (const each of [...parts.from, ...parts.group, ...parts.to]) if (each.startsWith('?+')) this.#doubted.add(each)
    for (const key of keysOf(parts)) {
      const open = key.includes('?')
      const entries = this.#entries.get(key)
      if (!entries) this.#entries.set(key, [{ at, binding, open, pattern }])
      // Behind one that asks no pattern nothing is ever asked.
      else if (entries.at(-1)?.pattern) entries.push({ at, binding, open, pattern })
    }
  }

  /** What rules may name for a question to fit them. */
  #sayings({ phone, lid }: Person): string[] {
    const said = [ANYTHING, phone ?? UNKNOWN.phone, lid === null ? UNKNOWN.lid : lidAddress(lid)]
    return phone && this.#doubted.has(perhaps(phone)) ? [...said, perhaps(phone)] : said
  }

  #listsFor(question: MatchInput): Entry[][] {
    const { chat, sender, receiver } = question
    const group = chat.kind === 'group' ? [...this.#sayings(sender), chat.group] : this.#sayings(chat.peer)
    const keys = keysOf({
      from: this.#sayings(sender),
      group,
      to: this.#sayings(receiver),
      // Each one that no rule asks for would only make the question dearer.
      manner: [...mannersOf(question)].filter(manner => this.#manners.has(manner)),
    })
    return [...keys].flatMap(key => {
      const entries = this.#entries.get(key)
      return entries ? [entries] : []
    })
  }
}
