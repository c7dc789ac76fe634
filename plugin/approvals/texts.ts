import { MINUTE_MS } from '../base/durations.ts'
import type { Approval } from '../contract/approval.ts'
import { plainLine } from '../contract/plain-text.ts'
import { MARK, marksOf } from '../formatting/phone-marks.ts'

/** As many characters of what is to be judged, as it is shown, are one question on a phone. */
const JUDGED_LETTERS_MOST = 1_500
const NAME_LETTERS_MOST = 60

/** What an approver judges. */
export type ToJudge = Pick<Approval, 'tool' | 'arguments' | 'reason'>

/** What an approver is told of a call. */
export type Prompt = ToJudge &
  Pick<Approval, 'effect' | 'requestedAt' | 'expiresAt'> & {
    /** The number, or what is known of the one who asked. */
    readonly requester: string
    /** The name that they gave themselves. */
    readonly requesterName: string | null
    readonly isGroup: boolean
  }

const writtenOut = (sign: string): string => `\\u{${sign.charCodeAt(0).toString(16)}}`

/** A phone takes some letters for marks, and hides them: those are written out as well. Blocks of code reach over lines. */
function unmarked(line: string): string {
  const open = line.replace(/`{3,}/g, ticks => Array.from(ticks, writtenOut).join(''))
  const marks = marksOf(open)
  if (!marks.some(bits => (bits & MARK.sign) !== 0)) return open
  const letters = Array.from({ length: open.length }, (_, at) => open.charAt(at))
  return unmarked(
    letters.map((letter, at) => (((marks[at] ?? 0) & MARK.sign) === 0 ? letter : writtenOut(letter))).join(''),
  )
}

/** One line, no matter what is in it: nothing that a stranger wrote looks like a line of ours, or like something else. */
const onPhone = (text: string): string => unmarked(plainLine(text))
const quoted = (text: string): string => onPhone(JSON.stringify(text))

const nameOnPhone = (name: string): string => {
  const letters = Array.from(name)
  return quoted(letters.length > NAME_LETTERS_MOST ? `${letters.slice(0, NAME_LETTERS_MOST).join('')}…` : name)
}

/** What is judged, as a phone shows it; null when it is too long to be shown there whole. */
function judgedOnPhone({ arguments: given, reason }: ToJudge): { arguments: string; reason: string } | null {
  // As it is kept, so that it is the same whenever it is asked.
  const kept = JSON.stringify(JSON.parse(JSON.stringify(given)))
  if (kept.length + reason.length > JUDGED_LETTERS_MOST) return null
  const judged = { arguments: onPhone(kept), reason: quoted(reason).slice(1, -1) }
  return judged.arguments.length + judged.reason.length > JUDGED_LETTERS_MOST ? null : judged
}

/** Whether an approver sees all that they judge on the phone: what is shown in part is not decided there. */
export const isDecidedOnPhone = (approval: ToJudge): boolean => judgedOnPhone(approval) !== null

const ELSEWHERE = 'Decide it on the page, under Approvals, or by "agentcy-whatsapp approvals".'

/** What an approver reads. What the call holds comes last, in one line and whole: nothing of ours follows it. */
export function promptText(prompt: Prompt): string {
  const { tool, effect, requester, requesterName, isGroup } = prompt
  const minutes = Math.max(1, Math.round((prompt.expiresAt - prompt.requestedAt) / MINUTE_MS))
  const calls = requesterName === null ? '' : ` (who is called ${nameOnPhone(requesterName)} there)`
  const head = [
    `Approval needed: ${onPhone(tool)} (${effect}).`,
    `Asked by ${requester}${calls}${isGroup ? ' in a group' : ''}.`,
  ]
  const judged = judgedOnPhone(prompt)
  if (!judged)
    return [
      ...head,
      `It is too long to be shown here whole, so an answer to this message decides nothing. ${ELSEWHERE} It lapses in ${minutes} min.`,
    ].join('\n')
  return [
    ...head,
    `Why: ${judged.reason}.`,
    `React to this message with 👍 or 👎, or reply yes or no to it. It lapses in ${minutes} min.`,
    `Arguments: ${judged.arguments}`,
  ].join('\n')
}

/** What an approver is told who answers a question that is not decided on the phone. */
export const NOT_DECIDED_HERE = `That decides nothing: it is too long to be shown here whole. ${ELSEWHERE}`

/** What the one who asked is told. */
export const TOLD = {
  pending: 'I may not do that by myself. I have asked for approval and go on once it is decided.',
  approved: 'That was approved.',
  denied: 'That was not approved.',
  expired: 'Nobody approved that in time.',
  lapsed: 'That was approved too long ago.',
} as const

/** Why a call was not approved, without what the person who decided wrote. */
export function refusalReason({ status, decidedAt }: Pick<Approval, 'status' | 'decidedAt'>): string {
  if (status !== 'expired') return 'a person did not approve it'
  return decidedAt === null ? 'nobody approved it in time' : 'it was approved too long ago'
}
