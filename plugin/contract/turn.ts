import type { AccountName } from './ids.ts'

/**
 * The status of a turn. `queued` and `running` block their chat; `awaiting_approval` releases it until somebody has decided, or
 * the time for that is over; `needs_operator` and `dead_letter` release it and wait for a person; the others are final.
 * `cancelled`: its message was taken back, has disappeared (code `forgotten`), was edited so that its binding no longer matches,
 * or proved to be a duplicate of another message; or a person cancelled the turn (`cancelled`) or took the chat over
 * (`human_takeover`).
 */
export type TurnStatus =
  'queued' | 'running' | 'awaiting_approval' | 'answered' | 'no_reply' | 'needs_operator' | 'dead_letter' | 'cancelled'

/**
 * The status of a step. `awaiting_approval`: not started. `started` without an end: a step of unknown outcome. `skipped`: a
 * person decided to skip it.
 */
export type StepStatus = 'awaiting_approval' | 'started' | 'done' | 'refused' | 'skipped'

/** A turn as people see it; contains no text of any message. */
export type ListedTurn = {
  /** `trn_<ulid>` */
  readonly id: string
  readonly account: AccountName
  readonly messageId: string
  readonly agent: string
  readonly status: TurnStatus
  /** Why its last attempt failed, or why a person is needed. */
  readonly code: string | null
  /** The error of the agent's last attempt, for those who administer the org; contains no word of a chat. Null: there is none. */
  readonly failure: string | null
  readonly attempt: number
  /** When its last attempt began; null before the first, and if it was not recorded. ms UTC */
  readonly beganAt: number | null
  /** When the running attempt is ended; null if none runs. ms UTC */
  readonly deadlineAt: number | null
  /** How many messages it answers; `messageId` is the first of them. */
  readonly pieces: number
  /** The step that a person has to decide about, and the tool that it called. */
  readonly step: { readonly n: number; readonly tool: string } | null
  /** ms UTC, as the ones below */
  readonly queuedAt: number
  /**
   * What it waits for besides its place in the queue: `backlog`: the whole backlog of its account; `more`: further messages of
   * the sender, or the rest of an album. Null: nothing.
   */
  readonly waitsFor: 'backlog' | 'more' | null
  /** When the next attempt begins, if one is scheduled; with `waitsFor` the latest time. */
  readonly nextAt: number | null
  readonly endedAt: number | null
}

/** Selects a page of turns: newest first; `before`: only older ones than this turn; of one account, or of all if it is null. */
export type TurnPage = {
  readonly account: AccountName | null
  readonly status: TurnStatus | null
  readonly limit: number
  readonly before: string | null
}

/** A person's decision about the step that a turn waits at: repeat it or skip it. */
export type StepDecision = 'repeat' | 'skip'
