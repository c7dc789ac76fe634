import { wordOf } from '../contract/claimed.ts'
import type { AccountKey, Person } from '../contract/ids.ts'
import type { InboundMessage } from '../contract/message.ts'
import type { ChatKey, PersonId } from '../store/sql/schema.ts'
import type { StoredSend } from '../store/sends/sends.ts'

/** A yes or no to one of our messages. */
export type ApprovalAnswer = {
  /** The stanza id of the answered message. */
  readonly target: string
  readonly approved: boolean
}

/** An answer that a person gave in a chat. */
export type AnswerInChat = {
  readonly key: AccountKey
  readonly chatKey: ChatKey
  readonly sender: Person & { readonly id: PersonId }
  /** The person of the number that was answered. */
  readonly self: PersonId
}

/** An approver's answer was taken; `said` is our reply if the answer decides nothing. */
export type AnswerTaken = { readonly said: StoredSend | null }

/** Skin tones and variation selectors, which are ignored. */
const COLOURS = /[\u{1F3FB}-\u{1F3FF}]|\u{FE0F}/gu
const ANSWERS: ReadonlyMap<string, boolean> = new Map([
  ['👍', true],
  ['👎', false],
])
const WORDS: ReadonlyMap<string, boolean> = new Map([...ANSWERS, ['yes', true], ['no', false]])

/**
 * The yes or no that a message gives to one of ours: a reaction 👍 or 👎, or a reply that consists only of yes, no or one of these
 * emoji. Otherwise null.
 */
export function approvalAnswerIn({ content, quoted, edits }: InboundMessage): ApprovalAnswer | null {
  if (edits !== null) return null
  if (content.kind === 'reaction') return answer(content.target, ANSWERS.get(content.emoji.replace(COLOURS, '')))
  if (content.kind !== 'text' || !quoted) return null
  return answer(wordOf(quoted).stanzaId, WORDS.get(content.text.trim().toLowerCase().replace(COLOURS, '')))
}

const answer = (target: string, approved: boolean | undefined): ApprovalAnswer | null =>
  approved === undefined ? null : { target, approved }
