import type { Connection } from './connection.ts'

/** No rule about sends looks further back than this: a day plus an hour. */
const LOOK_BACK_MS = 90_000_000

/** Approximately the latest time stored here; null if there is none. */
export async function newestInstant(connection: Connection): Promise<number | null> {
  const [send, turn] = await Promise.all([
    connection.selectFrom('sends').select('accepted_at as at').orderBy('id', 'desc').limit(1).executeTakeFirst(),
    connection.selectFrom('turns').select('queued_at as at').orderBy('id', 'desc').limit(1).executeTakeFirst(),
  ])
  return send && turn ? Math.max(send.at, turn.at) : ((send ?? turn)?.at ?? null)
}

/** Moves every stored time after the clock was set from one instant to another. Needs a transaction. */
export async function moveInstants(transaction: Connection, { from, to }: { from: number; to: number }): Promise<void> {
  const byMs = to - from
  const since = Math.min(from - LOOK_BACK_MS, to)
  await transaction
    .updateTable('sends')
    .set(row => ({
      accepted_at: row('accepted_at', '+', byMs),
      not_before: row('not_before', '+', byMs),
      expires_at: row('expires_at', '+', byMs),
      transmitted_at: row('transmitted_at', '+', byMs),
      settled_at: row('settled_at', '+', byMs),
    }))
    .where('accepted_at', '>', since)
    .execute()
  await transaction
    .updateTable('turns')
    .set(row => ({
      queued_at: row('queued_at', '+', byMs),
      began_at: row('began_at', '+', byMs),
      deadline_at: row('deadline_at', '+', byMs),
      next_at: row('next_at', '+', byMs),
      ended_at: row('ended_at', '+', byMs),
    }))
    .where(row => row.or([row('queued_at', '>', since), row('next_at', 'is not', null)]))
    .execute()
  await transaction
    .updateTable('approvals')
    .set(row => ({ requested_at: row('requested_at', '+', byMs), expires_at: row('expires_at', '+', byMs) }))
    .where('status', '=', 'pending')
    .execute()
  await transaction
    .updateTable('idempotency_keys')
    .set(row => ({ created_at: row('created_at', '+', byMs) }))
    .execute()
  await transaction
    .updateTable('allowances')
    .set(row => ({
      linked_at: row('linked_at', '+', byMs),
      banned_until: row('banned_until', '+', byMs),
      banned_at: row('banned_at', '+', byMs),
    }))
    .execute()
  await moveAnswers(transaction, byMs)
}

/** Moves the times of WhatsApp's answers and of our questions. */
async function moveAnswers(transaction: Connection, byMs: number): Promise<void> {
  await transaction
    .updateTable('time_locks')
    .set(row => ({ locked_until: row('locked_until', '+', byMs), noted_at: row('noted_at', '+', byMs) }))
    .execute()
  await transaction
    .updateTable('lookups')
    .set(row => ({ asked_at: row('asked_at', '+', byMs) }))
    .execute()
  await transaction
    .updateTable('contacts')
    .set(row => ({ answered_at: row('answered_at', '+', byMs) }))
    .execute()
}
