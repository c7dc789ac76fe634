import { CompiledQuery } from 'kysely'

import type { WantedFile } from './attachments.ts'
import type { Connection } from '../sql/connection.ts'

/** Finds the first file to fetch of each account, jumping from account to account along `attachments_by_wait`. */
const HEADS = `
  with recursive heads (id) as (
    select * from (
      select message_id from attachments where next_at is not null order by org, account, next_at, message_id limit 1
    ) as first
    union all
    select coalesce(
      (
        select message_id from attachments
        where next_at is not null and org = head.org and account > head.account
        order by account, next_at, message_id limit 1
      ), (
        select message_id from attachments
        where next_at is not null and org > head.org
        order by org, account, next_at, message_id limit 1
      )
    ) from heads cross join attachments as head where head.message_id = heads.id
  )`

const DUE = `${HEADS}
  select file.org, file.account, file.message_id as "messageId", message.chat_key as "chatKey", file.file, file.kind,
  file.file_name as "fileName", file.attempts, coalesce(file.wanted_at, file.next_at) as "wantedAt",
  file.next_at as "nextAt"
  from heads cross join attachments as head cross join attachments as file cross join messages as message
  where head.message_id = heads.id and message.id = file.message_id
  and file.message_id in (
    select due.message_id from attachments as due
    where due.org = head.org and due.account = head.account and due.next_at <= ?
    order by due.next_at, due.message_id limit ?
  )`

/** The files to fetch now, longest wait first, at most `most` per account. */
export async function dueFiles(
  connection: Connection,
  { now, most }: { readonly now: number; readonly most: number },
): Promise<WantedFile[]> {
  const query = CompiledQuery.raw(DUE, [now, most])
  const { rows } = await connection.executeQuery<WantedFile & { readonly nextAt: number }>(query)
  return rows.toSorted((one, other) => one.nextAt - other.nextAt || (one.messageId < other.messageId ? -1 : 1))
}

/** When the first of the files scheduled for later is due; null if there is none. */
export async function nextFileAt(connection: Connection, now: number): Promise<number | null> {
  const row = await connection
    .selectFrom('attachments')
    .select('next_at')
    .where('next_at', '>', now)
    .orderBy('next_at')
    .limit(1)
    .executeTakeFirst()
  return row?.next_at ?? null
}
