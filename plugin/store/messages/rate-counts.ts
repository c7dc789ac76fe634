import { CompiledQuery } from 'kysely'

import type { AccountKey } from '../../contract/ids.ts'
import type { Connection } from '../sql/connection.ts'
import type { ChatKey, PersonId } from '../sql/schema.ts'

/**
 * Gathered messages count once. Raw SQL: this runs for each message that matches a binding, and building it in Kysely costs more
 * than running it.
 */
const countWhere = (whose: string): string =>
  `select count(*) as count from messages where ${whose} and sent_at > ? and sent_at <= ?
  and binding_id is not null and gathered_in is null`

const OF_SENDER = countWhere('sender_id = ?')
const IN_CHAT = countWhere('org = ? and account = ? and chat_key = ?')
const OF_ACCOUNT = countWhere('org = ? and account = ?')

/** After `after`, and no later than `until`; ms UTC. */
export type Span = { readonly after: number; readonly until: number }

async function counted(connection: Connection, query: string, values: readonly unknown[]): Promise<number> {
  const { rows } = await connection.executeQuery<{ count: number }>(CompiledQuery.raw(query, [...values]))
  return rows[0]?.count ?? 0
}

/** How many of a person's questions within a span matched a binding. */
export const countTakenOf = (connection: Connection, sender: PersonId, { after, until }: Span): Promise<number> =>
  counted(connection, OF_SENDER, [sender, after, until])

/** The same count for a chat. */
export const countTakenIn = (
  connection: Connection,
  { org, account, chatKey }: AccountKey & { readonly chatKey: ChatKey },
  { after, until }: Span,
): Promise<number> => counted(connection, IN_CHAT, [org, account, chatKey, after, until])

/** The same count for an account. */
export const countTakenBy = (connection: Connection, { org, account }: AccountKey, span: Span): Promise<number> =>
  counted(connection, OF_ACCOUNT, [org, account, span.after, span.until])

const BEFORE = `select 1 as found from messages where sender_id = ? and sent_at <= ?
  and binding_id is not null and gathered_in is null limit 1`

/** The same for messages that are no longer stored, whether or not a binding matched them. */
const LONG_BEFORE = 'select 1 as found from people where id = ? and first_contact_at <= ?'

/** Whether any message that a person wrote up to an instant matched a binding. */
export async function wroteUntil(connection: Connection, sender: PersonId, until: number): Promise<boolean> {
  for (const query of [BEFORE, LONG_BEFORE]) {
    const { rows } = await connection.executeQuery(CompiledQuery.raw(query, [sender, until]))
    if (rows.length > 0) return true
  }
  return false
}
