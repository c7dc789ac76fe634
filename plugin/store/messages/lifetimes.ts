import { CompiledQuery } from 'kysely'

import type { ChatOf } from '../sql/schema.ts'
import type { Connection } from '../sql/connection.ts'

/** The lifetime in seconds of the last message of a chat; null if that message does not disappear or the chat has none. */
export async function lifetimeIn(connection: Connection, { org, account, chatKey }: ChatOf): Promise<number | null> {
  const row = await connection
    .selectFrom('messages')
    .select('expires_in as seconds')
    .where('chat_key', '=', chatKey)
    .where('org', '=', org)
    .where('account', '=', account)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.seconds ?? null
}

/** The id of the message in a chat with this stanza id, for a quote of it. */
export async function findSaid(
  connection: Connection,
  { org, account, chatKey }: ChatOf,
  stanzaId: string,
): Promise<string | null> {
  const row = await connection
    .selectFrom('messages')
    .select('id')
    .where('org', '=', org)
    .where('account', '=', account)
    .where('stanza_id', '=', stanzaId)
    .where('edits', '=', '')
    .where('chat_key', '=', chatKey)
    .limit(1)
    .executeTakeFirst()
  return row?.id ?? null
}

const SOONEST = `
  select min(at) as at from (
    select messages.forget_at as at from sends join messages on messages.id = sends.message_id where sends.id = ?
    union all
    select quoted.forget_at from sends join messages on messages.id = sends.message_id
      join messages as quoted on quoted.id = messages.quotes where sends.id = ?
    union all
    select asked.forget_at from approval_prompts join approvals on approvals.id = approval_prompts.approval_id
      join turns on turns.id = approvals.turn_id join messages as asked on asked.id = turns.message_id or asked.gathered_in = turns.message_id
      where approval_prompts.send_id = ?
  )`

/**
 * When the first part of a send's content disappears: the message, the message it quotes, or the message that an approver is asked
 * about. Null if none does.
 */
export async function forgetAtOfSend(connection: Connection, sendId: string): Promise<number | null> {
  const { rows } = await connection.executeQuery<{ at: number | null }>(
    CompiledQuery.raw(SOONEST, [sendId, sendId, sendId]),
  )
  return rows[0]?.at ?? null
}
