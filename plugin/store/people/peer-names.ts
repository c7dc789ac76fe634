import type { AccountKey, Chat } from '../../contract/ids.ts'
import type { Connection } from '../sql/connection.ts'
import { subjectsOf } from '../messages/group-subjects.ts'
import type { ChatKey } from '../sql/schema.ts'

/** How many of a person's last messages are searched for a name. */
const LOOKED_AT = 20

/** The chat of a message to be sent at an instant, ms UTC. */
export type Addressed = AccountKey & { readonly chat: Chat; readonly chatKey: ChatKey; readonly at: number }

/**
 * The names of these chats' peers: for people, the name in their latest messages there; for groups, the name at that time. Null if
 * unknown.
 */
export async function peerNamesOf(connection: Connection, addressed: readonly Addressed[]): Promise<(string | null)[]> {
  const subjects = await subjectsOf(
    connection,
    addressed.map(({ chat, ...rest }) => ({ ...rest, group: chat.kind === 'group' ? chat.group : null })),
  )
  const names = new Map<ChatKey, string | null>()
  for (const { chat, chatKey } of addressed)
    if (chat.kind === 'direct' && !names.has(chatKey)) names.set(chatKey, await nameOf(connection, chatKey))
  return addressed.map(({ chatKey }, at) => subjects[at] ?? names.get(chatKey) ?? null)
}

async function nameOf(connection: Connection, chatKey: ChatKey): Promise<string | null> {
  const last = await connection
    .selectFrom('messages')
    .select('sender_name')
    .where('sender_id', '=', chatKey as never)
    .where('chat_key', '=', chatKey)
    .orderBy('seq', 'desc')
    .limit(LOOKED_AT)
    .execute()
  return last.find(({ sender_name: name }) => name)?.sender_name ?? null
}
