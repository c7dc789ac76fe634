import type { AccountKey, Chat, OrgId, Person } from '../../contract/ids.ts'
import type { Connection } from '../sql/connection.ts'
import { chatOf } from './messages.ts'

/** A message's sender, chat and time. */
export type StoredSender = AccountKey & {
  readonly id: string
  readonly sender: Person
  readonly name: string | null
  readonly chat: Chat
  /** ms UTC */
  readonly at: number
}

/** The senders of these messages of an org, if stored; does not read the contents. */
export async function listSenders(connection: Connection, org: OrgId, ids: readonly string[]): Promise<StoredSender[]> {
  const rows = await connection
    .selectFrom('messages')
    .innerJoin('people', 'people.id', 'messages.sender_id')
    .select(['messages.id', 'messages.org', 'messages.account', 'messages.sender_name as name'])
    .select(['messages.chat_key', 'messages.sent_at as at', 'people.lid', 'people.phone'])
    .where('messages.org', '=', org)
    .where('messages.id', 'in', ids)
    .execute()
  return rows.map(({ chat_key: key, lid, phone, ...row }) => ({
    ...row,
    sender: { lid, phone },
    chat: chatOf(key, { lid, phone }),
  }))
}
