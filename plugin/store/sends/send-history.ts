import type { SendClass } from '../../contract/delivery.ts'
import type { AccountKey, Phone } from '../../contract/ids.ts'
import type { Connection } from '../sql/connection.ts'
import type { ChatKey, PersonId } from '../sql/schema.ts'

/** WhatsApp's rejection of a message to a person who does not know us; several of them lead to a ban. */
export const UNWANTED = 463

/** The classes of sends that start a conversation. */
export const INITIATING: readonly SendClass[] = ['proactive', 'cold']

/** A transmitted send, as pacing counts it. */
export type PastSend = { readonly chatKey: ChatKey; readonly class: SendClass; readonly at: number }

/** The sends first transmitted after an instant, oldest first. */
export async function listPastSends(connection: Connection, key: AccountKey, since: number): Promise<PastSend[]> {
  const rows = await connection
    .selectFrom('sends')
    .select(['chat_key as chatKey', 'class', 'transmitted_at as at'])
    .where('org', '=', key.org)
    .where('account', '=', key.account)
    .where('transmitted_at', '>', since)
    .orderBy('transmitted_at')
    .execute()
  return rows.flatMap(({ at, ...row }) => (at === null ? [] : [{ ...row, at }]))
}

/**
 * When sends that start a conversation were rejected as unwanted since an instant, oldest first. Rejected replies are left out
 * because they say nothing about other chats: they lack a token or have a wrong address (whatsapp-today.md §5). Locks are recorded
 * separately.
 */
export async function listUnwanted(connection: Connection, key: AccountKey, since: number): Promise<number[]> {
  const rows = await connection
    .selectFrom('sends')
    .select('settled_at')
    .where('org', '=', key.org)
    .where('account', '=', key.account)
    .where('rejected_code', '=', UNWANTED)
    .where('class', 'in', INITIATING)
    .where('settled_at', '>', since)
    .orderBy('settled_at')
    .execute()
  return rows.flatMap(row => row.settled_at ?? [])
}

/** How many other chats were to get this text since an instant. */
export async function countSameText(
  connection: Connection,
  key: AccountKey & { chatKey: ChatKey },
  text: { hash: string; since: number },
): Promise<number> {
  const row = await connection
    .selectFrom('sends')
    .select(({ fn }) => fn.count<number>('chat_key').distinct().as('chats'))
    .where('org', '=', key.org)
    .where('account', '=', key.account)
    .where('text_hash', '=', text.hash)
    .where('accepted_at', '>', text.since)
    .where('chat_key', '<>', key.chatKey)
    .where('status', '<>', 'cancelled')
    .executeTakeFirstOrThrow()
  return row.chats
}

/** Whether the peer of a chat has ever written to the account. */
export async function hasWritten(connection: Connection, chat: AccountKey & { chatKey: ChatKey }): Promise<boolean> {
  const row = await connection
    .selectFrom('messages')
    .select('id')
    .where('chat_key', '=', chat.chatKey)
    .where('org', '=', chat.org)
    .where('account', '=', chat.account)
    .where('direction', '=', 'inbound')
    .where('from_me', '=', 0)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined || (await wroteBefore(connection, chat.chatKey))
}

/** Whether a person wrote directly in messages that are no longer stored. */
async function wroteBefore(connection: Connection, chatKey: ChatKey): Promise<boolean> {
  const row = await connection
    .selectFrom('people')
    .select('id')
    .where('id', '=', chatKey as PersonId)
    .where('wrote_at', 'is not', null)
    .executeTakeFirst()
  return row !== undefined
}

/** Records that the account is connected as this number. The number's age counts from the first time. */
export async function noteFirstLink(
  connection: Connection,
  { org, account }: AccountKey,
  link: { phone: Phone; at: number },
): Promise<void> {
  await connection
    .insertInto('allowances')
    .values({ org, account, phone: link.phone, linked_at: link.at, banned_until: null, banned_at: null })
    .onConflict(conflict => conflict.columns(['org', 'account', 'phone']).doNothing())
    .execute()
}

/** Records that WhatsApp has banned the currently linked number until an instant. */
export async function noteBan(connection: Connection, key: AccountKey, until: number): Promise<void> {
  await connection
    .updateTable('allowances')
    .set({ banned_until: until, banned_at: Date.now() })
    .where('org', '=', key.org)
    .where('account', '=', key.account)
    .where('phone', '=', linkedPhone(connection, key))
    .execute()
}

/** Since when the number that is linked now is known, and until when it is banned; undefined if it has never been connected. */
export function findAllowance(
  connection: Connection,
  key: AccountKey,
): Promise<{ linkedAt: number; bannedUntil: number | null } | undefined> {
  return connection
    .selectFrom('allowances')
    .select(['linked_at as linkedAt', 'banned_until as bannedUntil'])
    .where('org', '=', key.org)
    .where('account', '=', key.account)
    .where('phone', '=', linkedPhone(connection, key))
    .executeTakeFirst()
}

const linkedPhone = (connection: Connection, key: AccountKey) =>
  connection
    .selectFrom('accounts')
    .select('accounts.phone')
    .where('accounts.org', '=', key.org)
    .where('accounts.account', '=', key.account)
