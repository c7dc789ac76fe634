import { sql } from 'kysely'
import { encodeTime } from 'ulid'

import type { OrgId } from '../../contract/ids.ts'
import type { Connection } from '../sql/connection.ts'
import { addContactTimes } from '../people/contact-times.ts'
import { forgetFilesOf, type LeftFile } from './deleted-files.ts'

/** For how many days messages are kept if the configuration does not say; 0: for ever. */
export async function startsWithDays(connection: Connection): Promise<number> {
  const row = await connection.selectFrom('retention').select('days').executeTakeFirstOrThrow()
  return row.days
}

/** The orgs that have or once had messages. */
export async function listOrgs(connection: Connection): Promise<OrgId[]> {
  const rows = await connection.selectFrom('sequences').select('org').execute()
  return rows.map(({ org }) => org)
}

/** A string that sorts before the id of each message from this instant on. */
const idAt = (at: number): string => `msg_${encodeTime(at)}${'0'.repeat(16)}`

const OPEN = sql`(
  select 1 from turns where turns.message_id = coalesce(messages.gathered_in, messages.id)
  and turns.status in ('queued', 'running', 'awaiting_approval', 'needs_operator', 'dead_letter')
)`
const UNSENT = sql`(
  select 1 from sends where sends.message_id = messages.id and (
    sends.status = 'accepted' or exists (select 1 from send_changes where send_changes.send_id = sends.id)
  )
)`

/** A page of an org's messages, in the order of their ids, starting after message `after`. */
export type OldPage = { readonly before: number; readonly after: string; readonly limit: number }

/** The messages from before an instant that have no open turn and no send that is waiting or has stored changes. */
export async function listOld(
  connection: Connection,
  org: OrgId,
  { before, after, limit }: OldPage,
): Promise<readonly string[]> {
  const rows = await connection
    .selectFrom('messages')
    .select('id')
    .where('org', '=', org)
    .where('id', '>', after)
    .where('id', '<', idAt(before))
    .where(sql<boolean>`not exists ${OPEN}`)
    .where(sql<boolean>`not exists ${UNSENT}`)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/** Forgets the files of these messages and returns those that the host may still keep. Needs a transaction. */
export async function leaveFiles(transaction: Connection, ids: readonly string[]): Promise<LeftFile[]> {
  await forgetFilesOf(transaction, ids)
  return transaction
    .selectFrom('attachments')
    .innerJoin('messages', 'messages.id', 'attachments.message_id')
    .select(['attachments.org', 'attachments.message_id as messageId', 'messages.direction'])
    .select(['attachments.artifact_id as artifactId', 'attachments.sha256', 'attachments.file_name as fileName'])
    .where('attachments.message_id', 'in', ids)
    .where('attachments.artifact_id', 'is not', null)
    .$narrowType<{ artifactId: string }>()
    .execute()
}

/** Deletes messages whose files the host no longer keeps, with their turns and sends. Needs a transaction. */
export async function deleteMessages(transaction: Connection, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await keepContacts(transaction, ids)
  const turns = transaction.selectFrom('turns').select('id').where('message_id', 'in', ids)
  const approvals = transaction.selectFrom('approvals').select('id').where('turn_id', 'in', turns)
  const sends = transaction.selectFrom('sends').select('id').where('message_id', 'in', ids)
  await transaction.deleteFrom('approval_prompts').where('approval_id', 'in', approvals).execute()
  await transaction.deleteFrom('approval_prompts').where('send_id', 'in', sends).execute()
  await transaction.deleteFrom('approvals').where('turn_id', 'in', turns).execute()
  await transaction.deleteFrom('steps').where('turn_id', 'in', turns).execute()
  await transaction.deleteFrom('turns').where('message_id', 'in', ids).execute()
  await transaction.deleteFrom('sends').where('message_id', 'in', ids).execute()
  await transaction.deleteFrom('attachments').where('message_id', 'in', ids).execute()
  for (const column of ['quotes', 'answers', 'gathered_in'] as const)
    await transaction
      .updateTable('messages')
      .set({ [column]: null })
      .where(column, 'in', ids)
      .execute()
  await transaction.deleteFrom('messages').where('id', 'in', ids).execute()
}

/** Keeps what messages show about their senders beyond their deletion: since when they write, and that we may write to them. */
async function keepContacts(transaction: Connection, ids: readonly string[]): Promise<void> {
  const rows = await transaction
    .selectFrom('messages')
    .select(({ fn }) => ['sender_id', fn.min('sent_at').as('first'), fn.max('sent_at').as('last')])
    .select(sql<number | null>`max(case when chat_key like 'per_%' then sent_at end)`.as('wrote'))
    .where('id', 'in', ids)
    .where('direction', '=', 'inbound')
    .where('from_me', '=', 0)
    .groupBy('sender_id')
    .execute()
  for (const { sender_id, ...times } of rows) await addContactTimes(transaction, sender_id, times)
}
