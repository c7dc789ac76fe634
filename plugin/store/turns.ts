import type { AccountKey, OrgId } from '../contract/ids.ts'
import type { Connection } from './database.ts'
import { setOutcome } from './messages.ts'
import { rowId } from './row-id.ts'
import type { ChatKey, TurnStatus } from './schema.ts'

/** A turn that is to be run. */
export type StoredTurn = AccountKey & {
  readonly id: string
  readonly messageId: string
  readonly chatKey: ChatKey
  readonly agent: string
  readonly requestId: string
}

/** Queues the one turn of a message; needs the transaction that says the message is matched. */
export async function queueTurn(
  transaction: Connection,
  message: AccountKey & { id: string; chatKey: ChatKey },
  agent: string,
): Promise<void> {
  await transaction
    .insertInto('turns')
    .values({
      id: rowId('trn'),
      org: message.org,
      account: message.account,
      message_id: message.id,
      chat_key: message.chatKey,
      agent,
      request_id: rowId('req'),
      status: 'queued',
      code: null,
      queued_at: Date.now(),
      ended_at: null,
    })
    .execute()
}

/** Queues again what a process that has ended left running. */
export async function requeueTurns(connection: Connection): Promise<void> {
  await connection.updateTable('turns').set({ status: 'queued' }).where('status', '=', 'running').execute()
}

const firstOfIdleChats = (transaction: Connection) =>
  transaction
    .selectFrom('turns')
    .select(({ fn }) => fn.min('id').as('head'))
    .where('status', 'in', ['queued', 'running'])
    .groupBy(['org', 'account', 'chat_key'])
    .having(row => row(row.fn.sum(row.case().when('status', '=', 'running').then(1).else(0).end()), '=', 0))

/**
 * Takes the next turns to be run, at most one of each chat and none of a chat that has one running, oldest first, and
 * marks them as running. Needs a transaction.
 */
export async function takeTurns(transaction: Connection, limit: number): Promise<StoredTurn[]> {
  const taken = await transaction
    .selectFrom('turns')
    .select([
      'id',
      'org',
      'account',
      'message_id as messageId',
      'chat_key as chatKey',
      'agent',
      'request_id as requestId',
    ])
    .where('id', 'in', firstOfIdleChats(transaction))
    .orderBy('id')
    .limit(limit)
    .execute()
  const ids = taken.map(turn => turn.id)
  if (ids.length > 0) await transaction.updateTable('turns').set({ status: 'running' }).where('id', 'in', ids).execute()
  return taken
}

/** How a turn ended. `code` says why it failed. */
export type TurnEnd = {
  readonly status: Exclude<TurnStatus, 'queued' | 'running'>
  readonly code: string | null
}

/** Ends a turn and says so on its message. Needs a transaction. */
export async function endTurn(transaction: Connection, turn: StoredTurn, end: TurnEnd): Promise<void> {
  await transaction
    .updateTable('turns')
    .set({ status: end.status, code: end.code, ended_at: Date.now() })
    .where('id', '=', turn.id)
    .execute()
  await setOutcome(transaction, turn.messageId, end.status)
}

/** How many turns of an org have not ended. */
export async function countOpenTurns(connection: Connection, org: OrgId): Promise<number> {
  const row = await connection
    .selectFrom('turns')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('org', '=', org)
    .where('status', 'in', ['queued', 'running'])
    .executeTakeFirstOrThrow()
  return Number(row.count)
}
