import { CompiledQuery } from 'kysely'

import type { AccountKey, OrgId } from '../../contract/ids.ts'
import { noteChangedTurns } from '../sql/turn-changes.ts'
import type { Connection } from '../sql/connection.ts'
import { UNHELD, type StoredTurn } from './turns.ts'

/** Finds the first queued turn of each account, jumping from account to account along `turns_by_wait`. */
const ACCOUNTS = `
  with recursive heads (id) as (
    select * from (
      select id from turns where status = 'queued' and ended_at is null order by org, account, chat_key, id limit 1
    ) as first
    union all
    select coalesce(
      (
        select id from turns
        where status = 'queued' and ended_at is null and org = head.org and account > head.account
        order by account, chat_key, id limit 1
      ), (
        select id from turns
        where status = 'queued' and ended_at is null and org > head.org
        order by org, account, chat_key, id limit 1
      )
    ) from heads cross join turns as head where head.id = heads.id
  )
  select head.org, head.account from heads cross join turns as head where head.id = heads.id`

/** Finds the first queued turn of each chat of an account. It jumps from chat to chat, so turns behind the first cost nothing. */
const HEADS = `
  with recursive heads (id) as (
    select * from (
      select id from turns where status = 'queued' and ended_at is null and org = ? and account = ?
      order by chat_key, id limit 1
    ) as first
    union all
    select (
      select id from turns
      where status = 'queued' and ended_at is null
      and org = head.org and account = head.account and chat_key > head.chat_key
      order by chat_key, id limit 1
    ) from heads cross join turns as head where head.id = heads.id
  )`

/** When the previous turn of the chat ended. */
const BEFORE = `(
    select ended_at from turns as before
    where before.org = head.org and before.account = head.account and before.chat_key = head.chat_key
    and before.id < head.id
    order by before.id desc limit 1
  )`

/**
 * For each turn, since when it has waited only for a free slot: since it was queued, or since the previous turn of its chat ended.
 */
const READY = `${HEADS},
  idle as (
    select head.id, head.queued_at, ${BEFORE} as before_ended
    from heads cross join turns as head
    where head.id = heads.id
    and (head.next_at is null or head.next_at <= ?)
    and (head.backlog_until is null or head.backlog_until <= ?)
    and (head.gathers_until is null or head.gathers_until <= ?)
    and not exists (
      select 1 from turns as busy where busy.status = 'running' and busy.ended_at is null
      and busy.org = head.org and busy.account = head.account and busy.chat_key = head.chat_key
    )
  ),
  ranked as (
    select id, case when before_ended > queued_at then before_ended else queued_at end as since
    from idle order by since, id limit ?
  )
  select ready.id, ready.org, ready.account, ready.message_id as "messageId", ready.chat_key as "chatKey", ready.agent,
  ready.conversation, ready.request_id as "requestId", ready.attempt, ready.failures, ready.pieces,
  ready.gather_wait_ms as "gatherWaitMs", ranked.since
  from ranked cross join turns as ready where ready.id = ranked.id`

/**
 * Which turns are checked for readiness. `hasRoom`: false for an account without a free slot; its turns are skipped, however many
 * wait.
 */
export type ReadyPage = {
  readonly now: number
  readonly most: number
  readonly hasRoom: (key: AccountKey) => boolean
}

type Ready = StoredTurn & { readonly since: number }

/**
 * The turns that may start now: at most one per chat, and none of a chat with a running turn. A turn that waits for its next
 * attempt blocks its chat. Returns at most `most` per account, longest wait first. The wait starts when the previous turn of the
 * chat ends, so several messages written at once queue behind what others have written by then.
 */
export async function readyTurns(
  connection: Connection,
  { now, most, hasRoom }: ReadyPage,
): Promise<readonly StoredTurn[]> {
  const { rows: waiting } = await connection.executeQuery<AccountKey>(CompiledQuery.raw(ACCOUNTS))
  const ready: Ready[] = []
  for (const { org, account } of waiting.filter(hasRoom)) {
    const query = CompiledQuery.raw(READY, [org, account, now, now, now, most])
    ready.push(...(await connection.executeQuery<Ready>(query)).rows)
  }
  return ready.toSorted((one, other) => one.since - other.since || (one.id < other.id ? -1 : 1))
}

/** Starts an attempt at each turn, with the deadline of its org. Needs the transaction in which the turns were ready. */
export async function beginTurns(
  transaction: Connection,
  turns: readonly StoredTurn[],
  deadlineMs: (org: OrgId) => number,
): Promise<StoredTurn[]> {
  const began_at = Date.now()
  for (const [limitMs, those] of groupedBy(turns, ({ org }) => deadlineMs(org)))
    await transaction
      .updateTable('turns')
      .set(row => ({
        status: 'running',
        ...UNHELD,
        attempt: row('attempt', '+', 1),
        began_at,
        deadline_at: began_at + limitMs,
      }))
      .where(
        'id',
        'in',
        those.map(({ id }) => id),
      )
      .execute()
  noteChangedTurns(transaction, ...turns)
  return turns.map(turn => ({ ...turn, attempt: turn.attempt + 1 }))
}

function groupedBy<Value, Key>(values: readonly Value[], keyOf: (value: Value) => Key): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>()
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value])
  return groups
}

const WAITS = "status in ('queued', 'awaiting_approval')"
const NEXT_DUE = `select min(at) as at from (
  select * from (select next_at as at from turns where ${WAITS} and next_at > ? order by next_at limit 1) as retried
  union all
  select * from (
    select next_at as at from turns where status = 'awaiting_approval' and next_at <= ? order by next_at limit 1
  ) as lapsed
  union all
  select * from (
    select backlog_until as at from turns where ${WAITS} and backlog_until > ? order by backlog_until limit 1
  ) as held
  union all
  select * from (
    select gathers_until as at from turns where ${WAITS} and gathers_until > ? order by gathers_until limit 1
  ) as gathering
) as dues`

/** When the next turn that has to wait beyond `now` is due, or since when a lapsed approval has been due; null if there is none. */
export async function nextDueAt(connection: Connection, now: number): Promise<number | null> {
  const query = CompiledQuery.raw(NEXT_DUE, [now, now, now, now])
  const { rows } = await connection.executeQuery<{ at: number | null }>(query)
  return rows[0]?.at ?? null
}
