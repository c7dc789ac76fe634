import { CompiledQuery, sql } from 'kysely'

import type { OrgId } from '../../contract/ids.ts'
import type { Takeover, TakenBy } from '../../contract/takeover.ts'
import type { ChatKey, ChatOf, PersonId } from '../sql/schema.ts'
import type { Connection } from '../sql/connection.ts'
import { chatOf } from './messages.ts'

/** The current or last takeover of a chat by a person. `resumedAt`: when a person last ended one; 0: never. */
export type StoredTakeover = {
  readonly since: number
  readonly until: number | null
  readonly by: TakenBy
  readonly resumedAt: number
}

/** Raw SQL: this runs for each message that matches a binding, and building it in Kysely costs more than running it. */
const FIND = `select since, until, taken_by as "by", resumed_at as resumedAt from takeovers
  where chat_key = ? and org = ? and account = ?`

/** The stored takeover of a chat; undefined if no person ever took it over. */
export async function findTakeover(
  connection: Connection,
  { org, account, chatKey }: ChatOf,
): Promise<StoredTakeover | undefined> {
  const query = CompiledQuery.raw(FIND, [chatKey, org, account])
  return (await connection.executeQuery<StoredTakeover>(query)).rows[0]
}

/** Stores a chat's takeover. Needs a transaction. */
export async function keepTakeover(
  transaction: Connection,
  { org, account, chatKey }: ChatOf,
  { since, until, by, resumedAt }: StoredTakeover,
): Promise<void> {
  const kept = { since, until, taken_by: by, resumed_at: resumedAt }
  await transaction
    .insertInto('takeovers')
    .values({ org, account, chat_key: chatKey, ...kept })
    .onConflict(conflict => conflict.columns(['chat_key', 'org', 'account']).doUpdateSet(kept))
    .execute()
}

/**
 * The chats of an org that persons have taken over at an instant, newest first. Takeovers from the phone count only in chats where
 * a message matched a binding.
 */
export async function listTakeovers(
  connection: Connection,
  org: OrgId,
  at: number,
): Promise<(Takeover & { readonly chatKey: ChatKey })[]> {
  const rows = await connection
    .selectFrom('takeovers')
    .leftJoin('people as peer', 'peer.id', 'takeovers.chat_key')
    .select(['takeovers.account', 'takeovers.chat_key as chatKey', 'since', 'until', 'taken_by as by'])
    .select(['peer.lid', 'peer.phone'])
    .where('takeovers.org', '=', org)
    .where(row => row.or([row('until', 'is', null), row('until', '>', at)]))
    .where(row =>
      row.or([
        row('taken_by', '=', 'operator'),
        row.exists(
          row
            .selectFrom('messages')
            .select(sql`1`.as('one'))
            .whereRef('messages.chat_key', '=', 'takeovers.chat_key')
            .whereRef('messages.org', '=', 'takeovers.org')
            .whereRef('messages.account', '=', 'takeovers.account')
            .where('messages.binding_id', 'is not', null),
        ),
      ]),
    )
    .orderBy('since', 'desc')
    .execute()
  return rows.map(({ account, chatKey, since, until, by, ...peer }) => {
    return { account, chatKey, chat: chatOf(chatKey, peer), since, until, by }
  })
}

/** Merges the takeovers of two people who turned out to be one. The one that ends later applies. Needs a transaction. */
export async function mergeTakeovers(transaction: Connection, gone: PersonId, kept: PersonId): Promise<void> {
  const of = (chatKey: PersonId) => transaction.selectFrom('takeovers').selectAll().where('chat_key', '=', chatKey)
  const [lost, own] = [await of(gone).executeTakeFirst(), await of(kept).executeTakeFirst()]
  if (!lost) return
  const ends = (until: number | null): number => until ?? Number.POSITIVE_INFINITY
  const longer = own && ends(own.until) > ends(lost.until) ? own : lost
  const resumed_at = Math.max(lost.resumed_at, own?.resumed_at ?? 0)
  await transaction.deleteFrom('takeovers').where('chat_key', 'in', [gone, kept]).execute()
  await transaction
    .insertInto('takeovers')
    .values({ ...longer, chat_key: kept, resumed_at })
    .execute()
}

/** Whether somebody wrote in a chat within the `withinMs` before an instant, or at it. */
export async function wasWrittenTo(
  connection: Connection,
  { org, account, chatKey }: ChatOf,
  { at, withinMs }: { readonly at: number; readonly withinMs: number },
): Promise<boolean> {
  const row = await connection
    .selectFrom('messages')
    .select('id')
    .where('chat_key', '=', chatKey)
    .where('direction', '=', 'inbound')
    .where('from_me', '=', 0)
    .where('org', '=', org)
    .where('account', '=', account)
    .where('sent_at', '>=', at - withinMs)
    .where('sent_at', '<=', at)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
