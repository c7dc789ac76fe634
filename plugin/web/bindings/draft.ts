import type { MatchRule } from '../../contract/binding.ts'
import { type RuleForm, formOf } from './rule-form.ts'

/** A binding that a user is about to create. */
export type Draft = { readonly agent: string; readonly rule: RuleForm }

const EMPTY: Draft = { agent: '', rule: formOf({}) }

/** A draft as text for an address; {@link draftIn} reads it. */
export const writtenDraft = (rule: MatchRule, agent: string): string => JSON.stringify({ agent, match_rule: rule })

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The draft in an address. Addresses are untrusted: invalid parts are left out, and the draft only fills a form. */
export function draftIn(address: string | undefined): Draft {
  let read: unknown
  try {
    read = JSON.parse(address ?? '{}')
  } catch {
    return EMPTY
  }
  if (!isRecord(read)) return EMPTY
  const rule = isRecord(read['match_rule']) ? read['match_rule'] : {}
  const { mentioned, chat_type: chatType } = rule
  return {
    agent: textIn(read['agent']),
    rule: {
      ...formOf({
        ...(typeof mentioned === 'boolean' && { mentioned }),
        ...(rule['forwarded'] === true && { forwarded: true as const }),
        ...((chatType === 'direct' || chatType === 'group') && { chat_type: chatType }),
      }),
      from: textIn(rule['from']),
      group: textIn(rule['group']),
      to: textIn(rule['to']),
      text_regex: textIn(rule['text_regex']),
    },
  }
}
