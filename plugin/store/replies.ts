import { sql } from 'kysely'

import type { AccountKey } from '../contract/ids.ts'
import type { Connection } from './database.ts'
import type { ChatKey } from './schema.ts'

/** The id of a reply names its turn and its place there, and is longer than that of anything else that is sent. */
const LONGER_THAN_A_SEND = `snd_${'_'.repeat(27)}%`

/** How many replies were accepted in a chat since an instant. */
export async function countReplies(
  connection: Connection,
  chat: AccountKey & { readonly chatKey: ChatKey },
  since: number,
): Promise<number> {
  const row = await connection
    .selectFrom('sends')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('org', '=', chat.org)
    .where('account', '=', chat.account)
    .where('chat_key', '=', chat.chatKey)
    .where('accepted_at', '>', since)
    .where('id', 'like', LONGER_THAN_A_SEND)
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

/** How many replies were accepted to what was written in a chat within so many ms before a message of it, itself included. */
export async function countRepliesAround(connection: Connection, messageId: string, withinMs: number): Promise<number> {
  // The id of a reply begins with that of its turn; "`" follows "_".
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from messages as mine
    inner join messages on messages.chat_key = mine.chat_key and messages.org = mine.org
      and messages.account = mine.account and messages.direction = 'inbound'
      and messages.sent_at > mine.sent_at - ${withinMs}
    inner join turns on turns.message_id = messages.id
    inner join sends on sends.id > 'snd_' || substr(turns.id, 5) || '_' and sends.id < 'snd_' || substr(turns.id, 5) || '\`'
    where mine.id = ${messageId}`.execute(connection)
  return rows[0]?.count ?? 0
}
