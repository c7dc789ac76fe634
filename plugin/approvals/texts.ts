import { MINUTE_MS } from '../base/durations.ts'
import type { Approval } from '../contract/approval.ts'
import { plainLine } from '../contract/plain-text.ts'
import { MARK, marksOf } from '../formatting/phone-marks.ts'

/** The most characters of the part to be judged, as displayed, that fit into one question on a phone. */
const JUDGED_LETTERS_MOST = 1_500
const NAME_LETTERS_MOST = 60

/** The part of an approval that an approver judges. */
export type ToJudge = Pick<Approval, 'tool' | 'arguments' | 'reason'>

/** What an approver is told about a call. */
export type Prompt = ToJudge &
  Pick<Approval, 'effect' | 'requestedAt' | 'expiresAt'> & {
    /** The number, or whichever address is known, of the requester. */
    readonly requester: string
    /** The name that the requester chose. */
    readonly requesterName: string | null
    readonly isGroup: boolean
  }

const writtenOut = (sign: string): string => `\\u{${sign.charCodeAt(0).toString(16)}}`

/** Escapes characters that a phone would interpret as formatting and hide. Code blocks may span several lines. */
function unmarked(line: string): string {
  const open = line.replace(/`{3,}/g, ticks => Array.from(ticks, writtenOut).join(''))
  const marks = marksOf(open)
  if (!marks.some(bits => (bits & MARK.sign) !== 0)) return open
  const letters = Array.from({ length: open.length }, (_, at) => open.charAt(at))
  return unmarked(
    letters.map((letter, at) => (((marks[at] ?? 0) & MARK.sign) === 0 ? letter : writtenOut(letter))).join(''),
  )
}

/**
 * The text as one line, whatever it contains: nothing that a stranger wrote can look like a line of ours, or like something else.
 */
const onPhone = (text: string): string => unmarked(plainLine(text))
const quoted = (text: string): string => onPhone(JSON.stringify(text))

const nameOnPhone = (name: string): string => {
  const letters = Array.from(name)
  return quoted(letters.length > NAME_LETTERS_MOST ? `${letters.slice(0, NAME_LETTERS_MOST).join('')}…` : name)
}

/** The part to be judged as a phone displays it; null if it is too long to be displayed whole. */
function judgedOnPhone({ arguments: given, reason }: ToJudge): { arguments: string; reason: string } | null {
  // In the form in which it is stored, so that it is the same each time.
  const kept = JSON.stringify(JSON.parse(JSON.stringify(given)))
  if (kept.length + reason.length > JUDGED_LETTERS_MOST) return null
  const judged = { arguments: onPhone(kept), reason: quoted(reason).slice(1, -1) }
  return judged.arguments.length + judged.reason.length > JUDGED_LETTERS_MOST ? null : judged
}

/**
 * Whether the phone shows an approver everything to be judged. An approval that is shown only in part is not decided on the phone.
 */
export const isDecidedOnPhone = (approval: ToJudge): boolean => judgedOnPhone(approval) !== null

const ELSEWHERE = 'Decide it on the page, under Approvals, or by "agentcy-whatsapp approvals".'

/** The question that an approver reads. The arguments come last, whole and on one line, so none of our text follows them. */
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

/** The reply to an approver who answers a question that is not decided on the phone. */
export const NOT_DECIDED_HERE = `That decides nothing: it is too long to be shown here whole. ${ELSEWHERE}`

/** What the requester is told. */
export const TOLD = {
  pending: 'I may not do that by myself. I have asked for approval and go on once it is decided.',
  approved: 'That was approved.',
  denied: 'That was not approved.',
  expired: 'Nobody approved that in time.',
  lapsed: 'That was approved too long ago.',
} as const

/** Why a call was not approved, without the note of the person who decided. */
export function refusalReason({ status, decidedAt }: Pick<Approval, 'status' | 'decidedAt'>): string {
  if (status !== 'expired') return 'a person did not approve it'
  return decidedAt === null ? 'nobody approved it in time' : 'it was approved too long ago'
}
