import type { GateDecision, ToolEffect } from '../../contract/policy.ts'
import type { StepDecision, StepStatus } from '../../contract/turn.ts'
import type { Connection } from '../sql/connection.ts'
import { FORGOTTEN } from '../messages/messages.ts'

/** An attempt at a turn. Its writes are stored only while the turn belongs to it. */
export type AttemptKey = { readonly id: string; readonly attempt: number }

/** A stored step of a turn. */
export type StoredStep = {
  readonly n: number
  readonly tool: string
  readonly effect: ToolEffect
  readonly argumentsHash: string
  readonly status: StepStatus
  /** JSON, once the step is done. */
  readonly result: string | null
  /** The gate's decision on the call itself, and the reason; see `StepTable`. */
  readonly decision: GateDecision['decision'] | null
  readonly reason: string | null
}

/** The recorded steps of a turn by number. */
export async function stepsOf(connection: Connection, turnId: string): Promise<Map<number, StoredStep>> {
  const rows = await connection
    .selectFrom('steps')
    .select(['n', 'tool', 'effect', 'arguments_hash as argumentsHash', 'status', 'result', 'decision', 'reason'])
    .where('turn_id', '=', turnId)
    .orderBy('n')
    .execute()
  return new Map(rows.map(row => [row.n, row]))
}

/** The statuses of steps that did nothing. */
const UNBEGUN: readonly StepStatus[] = ['refused', 'awaiting_approval']

/** Whether a step has had an effect, or may have had one. */
export const mayHaveActed = ({ effect, status }: Pick<StoredStep, 'effect' | 'status'>): boolean =>
  effect !== 'read' && !UNBEGUN.includes(status)

/**
 * Records the state of a step, replacing the record with the same number; false, without a write, if the turn no longer belongs to
 * this attempt. A step that may have acted is not replaced by one that did not start. Needs a transaction.
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
 * Stores the result of a step that this attempt started, even if the attempt is over: a known result is always stored, unless the
 * message is forgotten.
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

/** Marks a step that was recorded as started as not started after all. */
export async function withdrawStep(connection: Connection, turn: AttemptKey, n: number): Promise<void> {
  await begun(connection, turn, n).set({ status: 'refused' }).execute()
}

/** Deletes the steps that earlier attempts recorded from `from` on, because this attempt took another course there. */
export async function forgetSteps(connection: Connection, turn: AttemptKey, from: number): Promise<void> {
  await connection
    .deleteFrom('steps')
    .where('turn_id', '=', turn.id)
    .where('n', '>=', from)
    .where('attempt', '<', turn.attempt)
    .execute()
}

/** Applies a person's decision about the step that a turn waits at. Needs a transaction. */
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
