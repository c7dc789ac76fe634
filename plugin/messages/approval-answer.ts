import { wordOf } from '../contract/claimed.ts'
import type { AccountKey, Person } from '../contract/ids.ts'
import type { InboundMessage } from '../contract/message.ts'
import type { ChatKey, PersonId } from '../store/sql/schema.ts'
import type { StoredSend } from '../store/sends/sends.ts'

/** A yes or no to one of our messages. */
export type ApprovalAnswer = {
  /** The stanza id of the message that is answered. */
  readonly target: string
  readonly approved: boolean
}

/** An answer that somebody gave in a direct chat. */
export type AnswerInChat = {
  readonly key: AccountKey
  readonly chatKey: ChatKey
  readonly sender: Person & { readonly id: PersonId }
  /** Who was answered. */
  readonly self: PersonId
}

/** An answer that was one of an approver, and what is said to it when it decided nothing. */
export type AnswerTaken = { readonly said: StoredSend | null }

/** A hand of any colour is the same hand. */
const COLOURS = /[\u{1F3FB}-\u{1F3FF}]|\u{FE0F}/gu
const ANSWERS: ReadonlyMap<string, boolean> = new Map([
  ['👍', true],
  ['👎', false],
])
const WORDS: ReadonlyMap<string, boolean> = new Map([...ANSWERS, ['yes', true], ['no', false]])

/** What a message says to one of ours: 👍 or 👎 on it, or yes or no as a reply to it, and nothing else beside that. */
export function approvalAnswerIn({ content, quoted, edits }: InboundMessage): ApprovalAnswer | null {
  if (edits !== null) return null
  if (content.kind === 'reaction') return answer(content.target, ANSWERS.get(content.emoji.replace(COLOURS, '')))
  if (content.kind !== 'text' || !quoted) return null
  return answer(wordOf(quoted).stanzaId, WORDS.get(content.text.trim().toLowerCase().replace(COLOURS, '')))
}

const answer = (target: string, approved: boolean | undefined): ApprovalAnswer | null =>
  approved === undefined ? null : { target, approved }
