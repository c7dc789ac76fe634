import type { GateDecision, ToolEffect } from '../../contract/policy.ts'
import type { StepDecision, StepStatus } from '../../contract/turn.ts'
import type { Connection } from '../sql/connection.ts'
import { FORGOTTEN } from '../messages/messages.ts'

/** One attempt at a turn: what it writes is kept only while the turn is its own. */
export type AttemptKey = { readonly id: string; readonly attempt: number }

/** A step of a turn as it is kept. */
export type StoredStep = {
  readonly n: number
  readonly tool: string
  readonly effect: ToolEffect
  readonly argumentsHash: string
  readonly status: StepStatus
  /** JSON, once it is done. */
  readonly result: string | null
  /** What the gate said to it as it is, and why; see `StepTable`. */
  readonly decision: GateDecision['decision'] | null
  readonly reason: string | null
}

/** The recorded steps of a turn, by their number. */
export async function stepsOf(connection: Connection, turnId: string): Promise<Map<number, StoredStep>> {
  const rows = await connection
    .selectFrom('steps')
    .select(['n', 'tool', 'effect', 'arguments_hash as argumentsHash', 'status', 'result', 'decision', 'reason'])
    .where('turn_id', '=', turnId)
    .orderBy('n')
    .execute()
  return new Map(rows.map(row => [row.n, row]))
}

/** How the steps stand that nothing was done in. */
const UNBEGUN: readonly StepStatus[] = ['refused', 'awaiting_approval']

/** Whether a step that stands like this has done something, or may have. */
export const mayHaveActed = ({ effect, status }: Pick<StoredStep, 'effect' | 'status'>): boolean =>
  effect !== 'read' && !UNBEGUN.includes(status)

/**
 * Records how a step stands, in place of what was recorded under its number; false, and nothing is, when the turn is no
 * longer this attempt's. A step that may have acted is not forgotten for one that did not begin. Needs a transaction.
 */
export async function recordStep(transaction: Connection, turn: AttemptKey, step: StoredStep): Promise<boolean> {
  const own = await transaction
    .selectFrom('turns')
    .select('id')
    .where('id', '=', turn.id)
    .where('attempt', '=', turn.attempt)
    .where('status', '=', 'running')
    .executeTakeFirst()
  if (!own) return false
  const { n, argumentsHash, ...rest } = step
  const values = { ...rest, arguments_hash: argumentsHash, attempt: turn.attempt }
  await transaction
    .insertInto('steps')
    .values({ ...values, n, turn_id: turn.id })
    .onConflict(conflict => {
      const update = conflict.columns(['turn_id', 'n']).doUpdateSet(values)
      if (!UNBEGUN.includes(step.status)) return update
      return update.where(row => row.or([row('steps.effect', '=', 'read'), row('steps.status', 'in', UNBEGUN)]))
    })
    .execute()
  return true
}

const begun = (connection: Connection, turn: AttemptKey, n: number) =>
  connection
    .updateTable('steps')
    .where('turn_id', '=', turn.id)
    .where('n', '=', n)
    .where('attempt', '=', turn.attempt)
    .where('status', '=', 'started')

/**
 * Keeps the result of a step that this attempt began, also when the attempt is over: what is known is never unlearned, unless what
 * it was about is forgotten.
 */
export async function finishStep(
  connection: Connection,
  turn: AttemptKey,
  { n, result }: { n: number; result: string },
): Promise<void> {
  const forgotten = connection
    .selectFrom('turns')
    .innerJoin('messages', 'messages.id', 'turns.message_id')
    .select('turns.id')
    .where('turns.id', '=', turn.id)
    .where('messages.content', '=', FORGOTTEN)
  const done = begun(connection, turn, n).set({ status: 'done', result })
  await done.where(row => row.not(row.exists(forgotten))).execute()
}

/** A step that was recorded as begun was not begun after all. */
export async function withdrawStep(connection: Connection, turn: AttemptKey, n: number): Promise<void> {
  await begun(connection, turn, n).set({ status: 'refused' }).execute()
}

/** Forgets what earlier attempts recorded from a step on: this one took another course there. */
export async function forgetSteps(connection: Connection, turn: AttemptKey, from: number): Promise<void> {
  await connection
    .deleteFrom('steps')
    .where('turn_id', '=', turn.id)
    .where('n', '>=', from)
    .where('attempt', '<', turn.attempt)
    .execute()
}

/** What a person decided about the step that a turn waits at. Needs a transaction. */
export async function decideStep(
  transaction: Connection,
  turn: { readonly id: string; readonly step: number },
  decision: StepDecision,
): Promise<void> {
  if (decision === 'skip') {
    await transaction
      .updateTable('steps')
      .set({ status: 'skipped', result: null })
      .where('turn_id', '=', turn.id)
      .where('n', '=', turn.step)
      .execute()
  } else {
    await transaction.deleteFrom('steps').where('turn_id', '=', turn.id).where('n', '>=', turn.step).execute()
  }
}
