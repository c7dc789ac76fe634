import { sql } from 'kysely'

import type { OrgId } from '../../contract/ids.ts'
import { inAccount } from '../sql/account-index.ts'
import type { Connection } from '../sql/connection.ts'
import { listMessages, type StoredMessage, type Stretch } from './messages.ts'

/** How many bytes of stored content are read at a time: a contact may send as much as phones accept, again and again. */
const MOST_BYTES = 4 * 2 ** 20

/** The bytes of a message with the message it quotes, including the current text of the quoted message. */
const BYTES = sql<number>`octet_length(messages.content) + ifnull(octet_length(messages.quoted), 0)
  + ifnull(octet_length(quoted.content), 0) + ifnull(octet_length(change.content), 0)`

/** Messages from the beginning of a stretch. `more`: the stretch continues after them. */
export type MessageStretch = { readonly messages: readonly StoredMessage[]; readonly more: boolean }

/** Returns as many messages as the stretch asks for, fewer if they are long, and at least one if there is one. */
export async function readStretch(connection: Connection, org: OrgId, stretch: Stretch): Promise<MessageStretch> {
  const sizes = await sizesOf(connection, org, stretch)
  let bytes = 0
  const tooMuch = sizes.findIndex((size, at) => (bytes += size) > MOST_BYTES && at > 0)
  const limit = Math.min(stretch.limit, tooMuch === -1 ? sizes.length : tooMuch)
  if (limit === 0) return { messages: [], more: false }
  return { messages: await listMessages(connection, org, { ...stretch, limit }), more: sizes.length > limit }
}

/** The bytes of each message of a stretch, and of the message after it. */
async function sizesOf(connection: Connection, org: OrgId, stretch: Stretch): Promise<number[]> {
  const all = connection
    .selectFrom('messages')
    .leftJoin('messages as quoted', 'quoted.id', 'messages.quotes')
    .leftJoin('messages as change', 'change.id', 'quoted.changed_by')
    .select(BYTES.as('bytes'))
    .where('messages.org', '=', org)
    .limit(stretch.limit + 1)
  const rows = 'after' in stretch ? all.where('messages.seq', '>', stretch.after).orderBy('messages.seq') : before(all)
  return (await rows.execute()).map(({ bytes }) => bytes)

  function before(query: typeof all): typeof all {
    if ('after' in stretch) return query
    const { account, before: id } = stretch
    const ofAccount = account === null ? query : query.where(inAccount('messages', account))
    const newest = ofAccount.orderBy('messages.id', 'desc')
    return id === null ? newest : newest.where('messages.id', '<', id)
  }
}
