import { sql } from 'kysely'

import type { OrgId } from '../../contract/ids.ts'
import type { Connection } from '../sql/connection.ts'
import { unholdTurns } from '../turns/turns.ts'

/** A file that the store has forgotten and that the host may still keep. */
export type LeftFile = {
  readonly org: OrgId
  readonly messageId: string
  readonly direction: 'inbound' | 'outbound'
  /** Empty if it is unknown whether the host has the file. */
  readonly artifactId: string
  readonly sha256: string | null
  readonly fileName: string | null
}

/**
 * Forgets the files of these messages: nobody can see or fetch them any more. The host's copies are deleted after that. Needs a
 * transaction.
 */
export async function forgetFilesOf(transaction: Connection, messageIds: readonly string[]): Promise<void> {
  const files = await transaction
    .updateTable('attachments')
    .set({
      failure: 'forgotten',
      next_at: null,
      mime: null,
      size_bytes: null,
      // The file may have been handed to the host without a record of it.
      artifact_id: sql`case when wanted_at is not null then coalesce(artifact_id, '') else artifact_id end`,
    })
    .where('message_id', 'in', messageIds)
    .returning('message_id as id')
    .execute()
  await clearNames(transaction, messageIds)
  for (const { id } of files) await unholdTurns(transaction, id)
}

const clearNames = (transaction: Connection, messageIds: readonly string[]) =>
  transaction
    .updateTable('attachments')
    .set({ file_name: null, sha256: null })
    .where('message_id', 'in', messageIds)
    .where('artifact_id', 'is', null)
    .execute()

/** Lists forgotten files that the host may still keep, in the order of message ids, starting after message `after`. */
export function listLeftFiles(
  connection: Connection,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<LeftFile[]> {
  return connection
    .selectFrom('attachments')
    .innerJoin('messages', 'messages.id', 'attachments.message_id')
    .select(['attachments.org', 'attachments.message_id as messageId', 'messages.direction'])
    .select(['attachments.artifact_id as artifactId', 'attachments.sha256', 'attachments.file_name as fileName'])
    .where(sql<boolean>`attachments.failure = 'forgotten' and ifnull(attachments.artifact_id, '-') <> '-'`)
    .where('attachments.message_id', '>', after)
    .orderBy('attachments.message_id')
    .limit(limit)
    .$narrowType<{ artifactId: string }>()
    .execute()
}

/** Whether another message that is not forgotten uses the same file of the host. */
export async function isHeldElsewhere(
  connection: Connection,
  { artifactId, messageId, org }: LeftFile,
): Promise<boolean> {
  const row = await connection
    .selectFrom('attachments')
    .select('message_id')
    .where('artifact_id', '=', artifactId)
    .where('org', '=', org)
    .where('message_id', '<>', messageId)
    .where(other => other.or([other('failure', 'is', null), other('failure', '<>', 'forgotten')]))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Records that the host has deleted the file too. */
export async function noteFileForgotten(connection: Connection, messageId: string): Promise<void> {
  await connection
    .updateTable('attachments')
    .set({ artifact_id: null, file_name: null, sha256: null })
    .where('message_id', '=', messageId)
    .execute()
}
