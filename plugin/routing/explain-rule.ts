import type { Binding, MatchInput, MatchRule, Resolution } from '../contract/binding.ts'
import type { ParsedAddress, Person } from '../contract/ids.ts'
import type { Finding } from '../patterns/findings.ts'
import { namedIn } from './match-rule.ts'
import { isNumber, NO_SPELLINGS, type Spellings } from '../contacts/spellings.ts'

/** The keys of a rule that are conditions on a message. */
export const CLAUSES = ['group', 'from', 'to', 'text_regex', 'mentioned', 'forwarded', 'chat_type'] as const
type Key = (typeof CLAUSES)[number]

/**
 * Whether a clause holds; `unknown` if it names an address that is not known of that person yet, `too_slow` if its pattern takes
 * too long to search.
 */
export type Held = 'yes' | 'no' | 'unknown' | 'too_slow'

/** What one clause of a rule wanted, and what it was compared with; `found` is null if the message has nothing of that kind. */
export type Clause = { readonly key: Key; readonly wanted: string; readonly found: string | null; readonly held: Held }

/**
 * The verdict on one binding: its rule holds, fails, may still hold, takes too long, or the binding is disabled and was skipped.
 */
export type Verdict = {
  readonly binding: Binding
  readonly verdict: 'holds' | 'fails' | 'undecided' | 'too_slow' | 'disabled'
  readonly clauses: readonly Clause[]
}

/** Which binding answers a message, and why: all bindings, in the order in which they are asked. */
export type Explanation = { readonly resolution: Resolution; readonly verdicts: readonly Verdict[] }

/** The result of a pattern in the text of a question; `shown` is the matched text. */
export type Seen = { readonly finding: Finding; readonly shown: string | null }

/** What is known beside a question: WhatsApp's spellings of numbers, and what patterns find in the question's text. */
export type KnownOf = { readonly spellings?: Spellings; readonly seen: (pattern: string) => Seen }

/**
 * Explains which binding answers a message. It evaluates every clause of every rule, which the rule index avoids, and must come to
 * the same result.
 */
export function explain(
  bindings: readonly Binding[],
  question: MatchInput,
  { spellings = NO_SPELLINGS, seen }: KnownOf,
): Explanation {
  const verdicts = bindings.map(binding => verdictOn(binding, { ...question, spellings, seen }))
  const decisive = verdicts.find(({ verdict }) => verdict !== 'fails' && verdict !== 'disabled')
  if (!decisive) return { verdicts, resolution: { outcome: 'unmatched', reason: 'no_binding' } }
  const { verdict, binding } = decisive
  if (verdict === 'holds') return { verdicts, resolution: { outcome: 'matched', binding } }
  const reason = verdict === 'too_slow' ? 'rule_too_slow' : 'identity_unknown'
  return { verdicts, resolution: { outcome: 'unmatched', reason } }
}

const SUSPENDED: Seen = { finding: 'too_slow', shown: null }

function verdictOn(binding: Binding, question: Spelled): Verdict {
  const seen = binding.suspendedAt === null ? question.seen : () => SUSPENDED
  const clauses = CLAUSES.flatMap(key => clauseOf(key, binding.rule, { ...question, seen }))
  if (!binding.enabled) return { binding, verdict: 'disabled', clauses }
  const said = clauses.map(({ held }) => held)
  return { binding, verdict: verdictBy(said), clauses }
}

function verdictBy(said: readonly Held[]): Verdict['verdict'] {
  if (said.includes('no')) return 'fails'
  if (said.includes('unknown')) return 'undecided'
  return said.includes('too_slow') ? 'too_slow' : 'holds'
}

function clauseOf(key: Key, rule: MatchRule, question: Spelled): Clause[] {
  const value = rule[key]
  if (value === undefined) return []
  return [{ key, wanted: String(value), ...ASKED[key](rule, question) }]
}

/** A question, and what is known beside it. */
type Spelled = MatchInput & Required<KnownOf>

type Asked = (rule: MatchRule, question: Spelled) => Pick<Clause, 'found' | 'held'>

const ASKED: { readonly [K in Key]: Asked } = {
  from: (rule, { sender, spellings }) => asksPerson(namedIn(rule).from, sender, spellings),
  to: (rule, { receiver, spellings }) => asksPerson(namedIn(rule).to, receiver, spellings),
  group: (rule, { chat, sender, spellings }) => {
    const { group } = namedIn(rule)
    if (chat.kind === 'direct') return asksPerson(group, chat.peer, spellings)
    return group?.kind === 'group'
      ? { found: chat.group, held: yes(group.group === chat.group) }
      : asksPerson(group, sender, spellings)
  },
  text_regex: ({ text_regex: pattern = '' }, { seen }) => {
    const { finding, shown } = seen(pattern)
    return { found: shown, held: finding === 'too_slow' ? finding : yes(finding === 'found') }
  },
  mentioned: (rule, { mentioned }) => ({ found: String(mentioned), held: yes(rule.mentioned === mentioned) }),
  forwarded: (_rule, { claimed }) => ({
    found: String(claimed?.forwarded ?? false),
    held: yes(claimed?.forwarded === true),
  }),
  chat_type: (rule, { chat }) => ({ found: chat.kind, held: yes(rule.chat_type === chat.kind) }),
}

const yes = (holds: boolean): Held => (holds ? 'yes' : 'no')

function asksPerson(
  named: ParsedAddress | null,
  { lid, phone }: Person,
  spellings: Spellings,
): Pick<Clause, 'found' | 'held'> {
  const known = [...(phone === null ? [] : [phone]), ...(lid === null ? [] : [`lid:${lid}`])]
  const found = known.length === 0 ? null : known.join(' ')
  if (named === null || named.kind === 'group') return { found, held: 'no' }
  if (named.kind === 'lid') return { found, held: lid === null ? 'unknown' : yes(lid === named.lid) }
  return { found, held: phone === null ? 'unknown' : isNumber(named.phone, phone, spellings) }
}
