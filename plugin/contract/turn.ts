import type { AccountName } from './ids.ts'

/**
 * How far a turn has come. `queued` and `running` hold their chat; `awaiting_approval`
 * lets go of it until somebody has decided, or nobody has in time; `needs_operator` and `dead_letter` let go of it and wait
 * for a person; the others are final. `cancelled`: its message was taken back, has
 * disappeared (code `forgotten`), or was another one; or a person took the chat over (`human_takeover`).
 */
export type TurnStatus =
  'queued' | 'running' | 'awaiting_approval' | 'answered' | 'no_reply' | 'needs_operator' | 'dead_letter' | 'cancelled'

/**
 * How far a step has come. `awaiting_approval`: it was not begun. `started` without an end is a step of unknown outcome;
 * `skipped` is one that a person had passed over.
 */
export type StepStatus = 'awaiting_approval' | 'started' | 'done' | 'refused' | 'skipped'

/** A turn as a person sees it; no text of any message is in it. */
export type ListedTurn = {
  /** `trn_<ulid>` */
  readonly id: string
  readonly account: AccountName
  readonly messageId: string
  readonly agent: string
  readonly status: TurnStatus
  /** Why its last attempt failed, or a person is needed. */
  readonly code: string | null
  /** What the agent's last attempt failed with, for those who administer the org; no word of a chat is in it. Null: with nothing. */
  readonly failure: string | null
  readonly attempt: number
  /** When its last attempt began; null before the first, and when it was not noted. ms UTC */
  readonly beganAt: number | null
  /** When the attempt that runs is ended; null when none runs. ms UTC */
  readonly deadlineAt: number | null
  /** How many messages it is about; `messageId` is the first of them. */
  readonly pieces: number
  /** The step that a person has to decide about, and the tool it called. */
  readonly step: { readonly n: number; readonly tool: string } | null
  /** ms UTC, as the ones below */
  readonly queuedAt: number
  /**
   * What it waits for beside its turn: `backlog`, all that waited at WhatsApp for its account; `more`, what else its sender says, or the
   * rest of an album. Null: nothing.
   */
  readonly waitsFor: 'backlog' | 'more' | null
  /** When the next attempt begins, while it waits for that; with `waitsFor` at the latest. */
  readonly nextAt: number | null
  readonly endedAt: number | null
}

/** Which turns are asked for: newest first, those before one when it is named, of all accounts unless one is named. */
export type TurnPage = {
  readonly account: AccountName | null
  readonly status: TurnStatus | null
  readonly limit: number
  readonly before: string | null
}

/** What a person decides about the step that a turn waits at: to be done again, or to be passed over. */
export type StepDecision = 'repeat' | 'skip'
