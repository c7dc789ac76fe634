import type { Approval } from './contract/approval.ts'

const MOST_CHARACTERS = 1_500
const MINUTE_MS = 60_000

/** What an approver is told of a call. */
export type Prompt = Pick<Approval, 'tool' | 'effect' | 'arguments' | 'reason' | 'requestedAt' | 'expiresAt'> & {
  /** The number, or what is known of whoever asked. */
  readonly requester: string
  /** The name that they gave themselves. */
  readonly requesterName: string | null
  readonly isGroup: boolean
}

/** One line, whatever is in it: nothing that a stranger wrote looks like a line of ours. */
const inOneLine = (text: string): string => JSON.stringify(text).slice(1, -1)

const cut = (text: string): string => (text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text)

/** What an approver reads. What the call holds comes last, in one line: nothing of ours follows it. */
export function promptText(prompt: Prompt): string {
  const { tool, effect, reason, requester, requesterName, isGroup } = prompt
  const minutes = Math.max(1, Math.round((prompt.expiresAt - prompt.requestedAt) / MINUTE_MS))
  const calls = requesterName === null ? '' : ` (who is called "${inOneLine(requesterName.slice(0, 60))}" there)`
  return [
    `Approval needed: ${tool} (${effect}).`,
    `Asked by ${requester}${calls}${isGroup ? ' in a group' : ''}.`,
    `Why: ${inOneLine(reason)}.`,
    `React to this message with 👍 or 👎, or reply yes or no to it. It lapses in ${minutes} min.`,
    `Arguments: ${cut(JSON.stringify(prompt.arguments))}`,
  ].join('\n')
}

/** What whoever asked is told. */
export const TOLD = {
  pending: 'I may not do that by myself. I have asked for approval and go on once it is decided.',
  approved: 'That was approved.',
  denied: 'That was not approved.',
  expired: 'Nobody approved that in time.',
} as const

/** Why a call was not approved, without what whoever decided wrote. */
export const refusalReason = ({ status }: Pick<Approval, 'status'>): string =>
  status === 'expired' ? 'nobody approved it in time' : 'a person did not approve it'
