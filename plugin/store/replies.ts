import { CompiledQuery } from 'kysely'

import type { AccountKey } from '../contract/ids.ts'
import type { Connection } from './database.ts'
import type { ChatKey } from './schema.ts'

/** The id of a reply names its turn and its place there, and is longer than that of anything else that is sent. */
const LENGTH_OF_A_SEND = 'snd_'.length + 26

/** Asked before each reply: to have kysely build it costs more than what it finds. */
const COUNT = `
  select count(*) as count from sends
  where org = ? and account = ? and chat_key = ? and accepted_at > ? and length(id) > ${LENGTH_OF_A_SEND}`

/** How many replies were accepted in a chat since an instant. */
export async function countReplies(
  connection: Connection,
  { org, account, chatKey }: AccountKey & { readonly chatKey: ChatKey },
  since: number,
): Promise<number> {
  const query = CompiledQuery.raw(COUNT, [org, account, chatKey, since])
  const { rows } = await connection.executeQuery<{ count: number }>(query)
  return rows[0]?.count ?? 0
}
