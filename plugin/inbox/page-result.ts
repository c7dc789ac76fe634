import type { GroupId } from '../contract/ids.ts'
import type { Outcome } from '../store/sql/schema.ts'
import type { StoredSend } from '../store/sends/sends.ts'

/** What became of the messages of one transaction, for when it is committed. */
export type PageResult = {
  /** The last number given out in the org's stream; null when nothing was added. */
  seq: number | null
  /** How many messages were put to turns. */
  queued: number
  /** How many turns have less to wait for, or let others of their chat go first. */
  shortened: number
  /** How many answers to questions for approvals there were. */
  answered: number
  /** How many files are to be fetched. */
  files: number
  duplicates: number
  /** Whether something of it will disappear from its chat. */
  disappears: boolean
  readonly unmatched: { readonly id: string; readonly reason: string }[]
  /** What was taken back because a person has the chat now: the turns that were under way, and how many replies. */
  readonly takenBack: { readonly running: string[]; replies: number }
  /** What is said without an agent having been asked. */
  readonly said: StoredSend[]
  readonly arrived: NewArrival[]
  /** What became of those that were there before and are judged otherwise now. */
  readonly reconsidered: Outcome[]
}

/**
 * A message that was not seen before. `receivedAt`: when the gateway had it; `unsupported`: WhatsApp's name for its kind; `group`: that
 * it came in, else null.
 */
export type NewArrival = {
  readonly outcome: Outcome
  readonly receivedAt: number
  readonly unsupported: string | null
  readonly group: GroupId | null
}

/** Notes how it stands, to go back to that. */
export function rewinding(admitted: PageResult): () => void {
  const { unmatched, takenBack, said, arrived, reconsidered, ...counted } = admitted
  const { replies, running } = takenBack
  const lists = [unmatched, running, said, arrived, reconsidered].map(list => ({ list, length: list.length }))
  return () => {
    Object.assign(admitted, counted)
    takenBack.replies = replies
    for (const { list, length } of lists) list.length = length
  }
}

/** Before anything came. */
export const emptyPageResult = (): PageResult => ({
  seq: null,
  queued: 0,
  shortened: 0,
  answered: 0,
  files: 0,
  duplicates: 0,
  disappears: false,
  unmatched: [],
  takenBack: { running: [], replies: 0 },
  said: [],
  arrived: [],
  reconsidered: [],
})
