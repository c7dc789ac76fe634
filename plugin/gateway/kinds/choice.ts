import type { proto } from '@whiskeysockets/baileys'

import type { FormAnswer, MessageContent } from '../../contract/content.ts'
import { firstOf, jsonObject } from './message-text.ts'

type Choice = Extract<MessageContent, { kind: 'choice' }>

const choice = (text: string, id: string | null | undefined, more: Partial<Choice> = {}): Choice => ({
  kind: 'choice',
  text: firstOf(text, id),
  description: '',
  id: id || null,
  answers: [],
  ...more,
})

export const buttonChoice = ({
  selectedDisplayText,
  selectedButtonId,
}: proto.Message.IButtonsResponseMessage): Choice => choice(selectedDisplayText ?? '', selectedButtonId)

export const templateChoice = ({
  selectedDisplayText,
  selectedId,
}: proto.Message.ITemplateButtonReplyMessage): Choice => choice(selectedDisplayText ?? '', selectedId)

export const listChoice = ({ title, description, singleSelectReply }: proto.Message.IListResponseMessage): Choice =>
  choice(title ?? '', singleSelectReply?.selectedRowId, { description: description ?? '' })

/**
 * The names under which native flows answer what was tapped (seen in the code of several clients; WhatsApp documents none of it).
 */
const ID_KEYS = ['id', 'selected_row_id', 'selectedRowId']
const LABEL_KEYS = ['display_text', 'title', 'text']
const DESCRIPTION_KEYS = ['description']
/** The fields of a form that are meant for machines. */
const FLOW_KEYS = new Set([
  'flow_token',
  'flow_id',
  'flow_name',
  'flow_cta',
  'flow_action',
  'flow_message_version',
  'wa_flow_response_params',
])
const MOST_ANSWERS = 100
const LONGEST_ANSWER = 4_000

/** A reply to a native flow: a button, a row of a list, or a form whose answers are JSON under names of their own. */
export function flowChoice({
  body,
  nativeFlowResponseMessage: flow,
}: proto.Message.IInteractiveResponseMessage): Choice {
  const params = jsonObject(flow?.paramsJson)
  const [id, label, description] = [ID_KEYS, LABEL_KEYS, DESCRIPTION_KEYS].map(keys => textUnder(params, keys))
  const known = new Set([...ID_KEYS, ...LABEL_KEYS, ...DESCRIPTION_KEYS])
  const answers = Object.entries(params ?? {})
    .filter(([name]) => !FLOW_KEYS.has(name) && !known.has(name))
    .flatMap(([name, value]) => answersIn(name, value))
    .slice(0, MOST_ANSWERS)
  const unread = params === null ? flow?.paramsJson : null
  const text = firstOf(label, body?.text, unread)
  const beside = body?.text === text ? '' : body?.text
  return choice(text, id, { description: firstOf(description, beside), answers })
}

const textUnder = (params: Record<string, unknown> | null, keys: readonly string[]): string | undefined =>
  keys.map(key => params?.[key]).find((value): value is string => typeof value === 'string' && value !== '')

/** The answer in a form's field: a text, a number, a yes or no, several of these, or nested fields. */
function answersIn(name: string, value: unknown): FormAnswer[] {
  if (value === null || value === undefined || value === '') return []
  const isPlain = Array.isArray(value) && value.every(each => typeof each !== 'object' || each === null)
  const text = isPlain ? value.join(', ') : typeof value === 'string' ? value : JSON.stringify(value)
  return text === '' ? [] : [{ name, value: text.slice(0, LONGEST_ANSWER) }]
}
