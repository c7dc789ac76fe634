import { CompiledQuery, sql } from 'kysely'

import type { SendClass } from '../../contract/delivery.ts'
import type { AccountKey, OrgId } from '../../contract/ids.ts'
import type { Connection } from '../sql/connection.ts'
import { selectSends, type SendRow, type StoredSend, storedSend } from './sends.ts'

const waiting = (connection: Connection, key: AccountKey) =>
  connection
    .selectFrom('sends')
    .where('sends.org', '=', key.org)
    .where('sends.account', '=', key.account)
    .where('sends.status', '=', 'accepted')
    .where('sends.settled_at', 'is', null)

/** Which waiting sends are listed. `lane`: the classes that keep their order among each other in a chat. */
export type WaitingPage = {
  readonly except: readonly string[]
  readonly limit: number
  readonly lane: readonly SendClass[]
  readonly class?: SendClass
}

const WAITS = "org = ? and account = ? and status = 'accepted' and settled_at is null and held is null"
/** Greater than the number of any send. */
const NONE = '9223372036854775807'
const FIRST = `ifnull((select min(seq) from sends where ${WAITS} and chat_key = chats.chat_key and class = ?), ${NONE})`

/**
 * The first waiting send of a lane in each chat, optionally only if it has a given class. The query jumps from chat to chat and
 * from class to class along `sends_by_wait`, so sends behind the first of a chat cost nothing. Raw SQL: it runs before each send,
 * and building it in Kysely costs several times as much as running it.
 */
const firstOfEach = (lane: readonly SendClass[], ofClass: boolean): string => `
  with recursive chats (chat_key) as (
    select min(chat_key) from sends where ${WAITS}
    union all
    select (select min(chat_key) from sends where ${WAITS} and chat_key > chats.chat_key)
    from chats where chats.chat_key is not null
  )
  select sends.*, peer.lid as peer_lid, peer.phone as peer_phone
  from sends left join people as peer on peer.id = sends.chat_key
  where sends.org = ? and sends.seq in (
    select min(${[NONE, ...lane.map(() => FIRST)].join(', ')}) from chats where chats.chat_key is not null
  )${ofClass ? ' and sends.class = ?' : ''}
  order by sends.seq limit ?`

/** The first waiting send of a lane in each chat of an account, oldest first, without held sends and those in `except`. */
export async function listFirstWaiting(
  connection: Connection,
  { org, account }: AccountKey,
  { except, limit, lane, ...only }: WaitingPage,
): Promise<StoredSend[]> {
  const firsts = lane.flatMap(each => [org, account, each])
  const classes = only.class === undefined ? [] : [only.class]
  const values = [org, account, org, account, org, ...firsts, ...classes, limit + except.length]
  const query = CompiledQuery.raw(firstOfEach(lane, classes.length > 0), values)
  const { rows } = await connection.executeQuery<SendRow>(query)
  const excepted = new Set(except)
  const others = rows.filter(({ id }) => !excepted.has(id))
  return others.slice(0, limit).map(storedSend)
}

/** The sends that were never transmitted and have expired by an instant. */
export async function listOverdue(connection: Connection, key: AccountKey, at: number): Promise<StoredSend[]> {
  const rows = await selectSends(connection)
    .where('sends.org', '=', key.org)
    .where('sends.account', '=', key.account)
    .where('sends.status', '=', 'accepted')
    .where('sends.settled_at', 'is', null)
    .where('sends.transmitted_at', 'is', null)
    .where('sends.expires_at', '<=', at)
    .orderBy('sends.expires_at')
    .orderBy('sends.seq')
    .execute()
  return rows.map(storedSend)
}

/** When the next send expires; null if none can. */
export async function nextExpiry(connection: Connection, key: AccountKey): Promise<number | null> {
  const row = await waiting(connection, key)
    .where('transmitted_at', 'is', null)
    .select(({ fn }) => fn.min('expires_at').as('next'))
    .executeTakeFirst()
  return row?.next ?? null
}

/** How many sends of the same class wait before this one. */
export async function countBefore(connection: Connection, send: StoredSend): Promise<number> {
  const row = await waiting(connection, send)
    .where('held', 'is', null)
    .where('class', '=', send.class)
    // The `+` keeps SQLite off the index of the org's sends by number: most of those have ended.
    .where(sql<number>`+seq`, '<', send.seq)
    .select(({ fn }) => fn.countAll<number>().as('before'))
    .executeTakeFirstOrThrow()
  return row.before
}

/** How many sends of an org WhatsApp has not acknowledged yet, and that have not ended otherwise. */
export async function countWaiting(connection: Connection, org: OrgId): Promise<number> {
  const row = await connection
    .selectFrom('sends')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('org', '=', org)
    .where('status', '=', 'accepted')
    .where('settled_at', 'is', null)
    .executeTakeFirstOrThrow()
  return row.count
}

/** The accounts that have waiting sends. */
export function listWaitingAccounts(connection: Connection): Promise<AccountKey[]> {
  return connection
    .selectFrom('sends')
    .select(['org', 'account'])
    .where('status', '=', 'accepted')
    .where('settled_at', 'is', null)
    .distinct()
    .execute()
}
