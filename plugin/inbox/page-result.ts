import type { GroupId } from '../contract/ids.ts'
import type { Outcome } from '../store/sql/schema.ts'
import type { StoredSend } from '../store/sends/sends.ts'

/** What became of the messages of one transaction, for use after the commit. */
export type PageResult = {
  /** The last sequence number added to the org's stream; null if nothing was added. */
  seq: number | null
  /** How many messages were added to turns. */
  queued: number
  /** How many turns have less to wait for, or let other turns of their chat go first. */
  shortened: number
  /** How many answers to approval questions were taken. */
  answered: number
  /** How many files have to be fetched. */
  files: number
  duplicates: number
  /** Whether some of it will disappear from its chat. */
  disappears: boolean
  readonly unmatched: { readonly id: string; readonly reason: string }[]
  /** What was cancelled because a person has the chat now: the ids of running turns, and the number of replies. */
  readonly takenBack: { readonly running: string[]; replies: number }
  /** Messages that are sent without asking an agent. */
  readonly said: StoredSend[]
  readonly arrived: NewArrival[]
  /** The outcomes of messages that were stored before and are judged differently now. */
  readonly reconsidered: Outcome[]
}

/**
 * A message that was not seen before. `receivedAt`: when the gateway received it; `unsupported`: WhatsApp's name for its kind, if
 * it is unsupported; `group`: the group it was sent in, else null.
 */
export type NewArrival = {
  readonly outcome: Outcome
  readonly receivedAt: number
  readonly unsupported: string | null
  readonly group: GroupId | null
}

/** Saves the current state. The function it returns restores that state. */
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

/** A result to which nothing was added yet. */
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
