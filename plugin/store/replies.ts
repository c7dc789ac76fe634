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
