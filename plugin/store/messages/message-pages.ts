import { sql } from 'kysely'

import type { OrgId } from '../../contract/ids.ts'
import { inAccount } from '../sql/account-index.ts'
import type { Connection } from '../sql/connection.ts'
import { listMessages, type StoredMessage, type Stretch } from './messages.ts'

/** How much of what people wrote is read at a time, as it is kept: a contact may write as much as phones take, again and again. */
const MOST_BYTES = 4 * 2 ** 20

/** What a message takes with what it quotes, whatever that says by now. */
const BYTES = sql<number>`octet_length(messages.content) + ifnull(octet_length(messages.quoted), 0)
  + ifnull(octet_length(quoted.content), 0) + ifnull(octet_length(change.content), 0)`

/** Some messages of a stretch, from its beginning on; `more`: it goes on behind them. */
export type MessageStretch = { readonly messages: readonly StoredMessage[]; readonly more: boolean }

/** As many of a stretch as it asks for, fewer where they are long, and one at least where there is one. */
export async function readStretch(connection: Connection, org: OrgId, stretch: Stretch): Promise<MessageStretch> {
  const sizes = await sizesOf(connection, org, stretch)
  let bytes = 0
  const tooMuch = sizes.findIndex((size, at) => (bytes += size) > MOST_BYTES && at > 0)
  const limit = Math.min(stretch.limit, tooMuch === -1 ? sizes.length : tooMuch)
  if (limit === 0) return { messages: [], more: false }
  return { messages: await listMessages(connection, org, { ...stretch, limit }), more: sizes.length > limit }
}

/** What those of a stretch take, and the one behind it. */
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
