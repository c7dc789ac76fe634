import type { MatchRule } from '../../contract/binding.ts'
import { bindingTexts as texts } from '../texts/binding-texts.ts'

/** A match rule as form values: a text per key, empty if the key is missing. */
export type RuleForm = Readonly<Record<RuleKey, string>>
export type RuleKey = 'from' | 'group' | 'to' | 'text_regex' | 'mentioned' | 'forwarded' | 'chat_type'

const TEXTS = ['from', 'group', 'to', 'text_regex'] as const

/** The form values of a rule. */
export const formOf = (rule: MatchRule): RuleForm => ({
  from: rule.from ?? '',
  group: rule.group ?? '',
  to: rule.to ?? '',
  text_regex: rule.text_regex ?? '',
  mentioned: rule.mentioned === undefined ? '' : rule.mentioned ? 'yes' : 'no',
  forwarded: rule.forwarded ? 'yes' : '',
  chat_type: rule.chat_type ?? '',
})

/** The rule of a form. Trims addresses, but not a pattern, which may begin or end with a blank. */
export function ruleOf(form: RuleForm): MatchRule {
  const rule: { -readonly [Key in keyof MatchRule]: MatchRule[Key] } = {}
  for (const key of TEXTS) {
    const given = key === 'text_regex' ? form[key] : form[key].trim()
    if (given !== '') rule[key] = given
  }
  if (form.mentioned !== '') rule.mentioned = form.mentioned === 'yes'
  if (form.forwarded === 'yes') rule.forwarded = true
  if (form.chat_type === 'direct' || form.chat_type === 'group') rule.chat_type = form.chat_type
  return rule
}

const SENTENCES: Readonly<Record<RuleKey, (wanted: string) => string>> = {
  from: texts.fromWhom,
  group: texts.inGroup,
  to: texts.toWhom,
  text_regex: texts.whoseTextMatches,
  mentioned: wanted => (wanted === 'yes' ? texts.thatMention : texts.thatDoNotMention),
  forwarded: () => texts.thatAreForwarded,
  chat_type: wanted => (wanted === 'group' ? texts.inAnyGroup : texts.inDirectChats),
}

/** The messages that a rule matches, in words. */
export function ruleInWords(rule: MatchRule): string {
  const clauses = Object.entries(formOf(rule)).filter(([, wanted]) => wanted !== '')
  if (clauses.length === 0) return texts.everyMessage
  return texts.messagesThat(clauses.map(([key, wanted]) => SENTENCES[key as RuleKey](wanted)).join(', '))
}
