import { sql } from 'kysely'

import type { SendClass } from '../contract/delivery.ts'
import type { AccountKey } from '../contract/ids.ts'
import type { Connection } from './database.ts'
import type { StoredSend } from './sends.ts'
import { selectSends, storedSend } from './sends.ts'

const waiting = (connection: Connection, key: AccountKey) =>
  connection
    .selectFrom('sends')
    .where('sends.org', '=', key.org)
    .where('sends.account', '=', key.account)
    .where('sends.status', '=', 'accepted')

/** Which sends are looked at together. `lane`: the classes that keep their order among each other in a chat. */
export type WaitingPage = {
  readonly except: readonly string[]
  readonly limit: number
  readonly lane: readonly SendClass[]
  readonly class?: SendClass
}

/**
 * The first of a lane that waits in each chat. It leaps from chat to chat and from class to class along `sends_by_wait`, so
 * that what waits behind the first of a chat costs nothing.
 */
function firstOfEach({ org, account }: AccountKey, lane: readonly SendClass[]) {
  const waits = sql`org = ${org} and account = ${account} and status = 'accepted' and held is null`
  const firsts = lane.map(
    each => sql`select min(seq) as seq from sends where ${waits} and chat_key = chats.chat_key and class = ${each}`,
  )
  return sql<{ head: number }>`
    with recursive chats (chat_key) as (
      select min(chat_key) from sends where ${waits}
      union all
      select (select min(chat_key) from sends where ${waits} and chat_key > chats.chat_key)
      from chats where chats.chat_key is not null
    )
    select (select min(seq) from (${sql.join(firsts, sql` union all `)}) as firsts) as head
    from chats where chats.chat_key is not null`
}

/** The first of a lane that waits in each chat of an account, oldest first, without those of `except` and what is held. */
export async function listFirstWaiting(
  connection: Connection,
  key: AccountKey,
  { except, limit, lane, ...only }: WaitingPage,
): Promise<StoredSend[]> {
  const firstOfChats = firstOfEach(key, lane)
  let heads = selectSends(connection)
    .where('sends.org', '=', key.org)
    .where('sends.seq', 'in', sql<number>`(${firstOfChats})`)
    .orderBy('sends.seq')
    .limit(limit)
  if (only.class !== undefined) heads = heads.where('sends.class', '=', only.class)
  if (except.length > 0) heads = heads.where('sends.id', 'not in', except)
  const rows = await heads.execute()
  return rows.map(storedSend)
}

/** Those that were never transmitted and have run out at an instant. */
export async function listOverdue(connection: Connection, key: AccountKey, at: number): Promise<StoredSend[]> {
  const rows = await selectSends(connection)
    .where('sends.org', '=', key.org)
    .where('sends.account', '=', key.account)
    .where('sends.status', '=', 'accepted')
    .where('sends.transmitted_at', 'is', null)
    .where('sends.expires_at', '<=', at)
    .orderBy('sends.seq')
    .execute()
  return rows.map(storedSend)
}

/** When the next one runs out; null when none can. */
export async function nextExpiry(connection: Connection, key: AccountKey): Promise<number | null> {
  const row = await waiting(connection, key)
    .where('transmitted_at', 'is', null)
    .select(({ fn }) => fn.min('expires_at').as('next'))
    .executeTakeFirst()
  return row?.next ?? null
}

/** How many of its kind wait before a send. */
export async function countBefore(connection: Connection, send: StoredSend): Promise<number> {
  const row = await waiting(connection, send)
    .where('held', 'is', null)
    .where('class', '=', send.class)
    .where('seq', '<', send.seq)
    .select(({ fn }) => fn.countAll<number>().as('before'))
    .executeTakeFirstOrThrow()
  return row.before
}

/** The accounts that have something to say. */
export function listWaitingAccounts(connection: Connection): Promise<AccountKey[]> {
  return connection.selectFrom('sends').select(['org', 'account']).where('status', '=', 'accepted').distinct().execute()
}
