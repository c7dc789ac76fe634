import type { BindingExplainRequest } from '../../contract/api/bindings.ts'
import { explainTexts as texts } from '../texts/explain-texts.ts'

/** A made-up message, to see who would answer it. */
export type MadeUp = {
  readonly account: string
  readonly from: string
  readonly to: string
  readonly group: string
  readonly text: string
  readonly mentioned: boolean
  readonly forwarded?: boolean
}

/** The request, or what is missing for it, in words. */
export type Question =
  { readonly ask: BindingExplainRequest; readonly missing: null } | { readonly ask: null; readonly missing: string }

const missing = (sentence: string): Question => ({ ask: null, missing: sentence })
/** Rough checks for a complete address of a person and of a group; the host decides. */
const PERSON = /^(?:\+[\d\s().-]{7,24}|lid:\d{1,20})$/
const GROUP = /^[\d-]{5,}@g\.us$/

/** Makes a request about a made-up message once its addresses are complete, so that users see no errors while they type. */
export function questionAbout({ account, text, mentioned, forwarded = false, ...addresses }: MadeUp): Question {
  const from = addresses.from.trim()
  const to = addresses.to.trim()
  const group = addresses.group.trim()
  if (from === '') return missing(texts.enterASender)
  if (!PERSON.test(from)) return missing(texts.senderIncomplete)
  if (to !== '' && !PERSON.test(to)) return missing(texts.recipientIncomplete)
  if (group !== '' && !GROUP.test(group)) return missing(texts.groupIncomplete)
  const optional = { ...(forwarded && { forwarded }), ...(group !== '' && { group }) }
  const message = { account, from, text, mentioned, ...optional, ...(to !== '' && { to }) }
  return { ask: { message }, missing: null }
}

/** Makes a request about a stored message. */
export const questionById = (id: string): Question =>
  id.trim() === '' ? missing(texts.enterAnId) : { ask: { message_id: id.trim() }, missing: null }
