import { sql } from 'kysely'

import type { AttachmentFailure } from '../../contract/media.ts'
import type { Artifact } from '../../contract/artifact.ts'
import type { Attachment, MediaKind } from '../../contract/content.ts'
import type { OutboundFile } from '../../contract/delivery.ts'
import type { AccountKey } from '../../contract/ids.ts'
import type { Connection } from '../sql/connection.ts'
import type { ChatKey } from '../sql/schema.ts'

/** The file of a message, from its announcement until it is kept or given up. */
export type StoredAttachment = {
  readonly kind: MediaKind
  /** Null until it is kept, and for good when it could not be. */
  readonly artifact: Artifact | null
  /** Why it was given up; null while it was not. */
  readonly failure: AttachmentFailure | null
}

/** A file to be fetched. */
export type WantedFile = AccountKey & {
  readonly messageId: string
  readonly chatKey: ChatKey
  /** The gateway's name for it. */
  readonly file: string
  readonly kind: MediaKind
  readonly fileName: string | null
  /** How often it was tried in vain. */
  readonly attempts: number
  readonly wantedAt: number
}

/** Notes that a message brings a file; it is fetched when somebody is to answer the message. Needs a transaction. */
export async function addAttachment(
  transaction: Connection,
  message: AccountKey & { readonly id: string },
  { file, media }: { file: string; media: Attachment },
): Promise<void> {
  await transaction
    .insertInto('attachments')
    .values({ ...rowOf(message), file, kind: media.kind, file_name: media.fileName })
    .onConflict(conflict => conflict.column('message_id').doNothing())
    .execute()
}

/** Notes the file that a message of ours brings, which the host keeps. Needs a transaction. */
export async function addKeptFile(
  transaction: Connection,
  message: AccountKey & { readonly id: string },
  { kind, artifact, mime, fileName, sizeBytes, sha256 }: OutboundFile,
): Promise<void> {
  // Only what has to be fetched has a name at the gateway.
  const kept = { file: '', kind, file_name: fileName, artifact_id: artifact, mime, size_bytes: sizeBytes, sha256 }
  await transaction
    .insertInto('attachments')
    .values({ ...rowOf(message), ...kept })
    .execute()
}

/** What the file of any message begins with: nobody waits for it, and nothing of it is there. */
const rowOf = ({ id, org, account }: AccountKey & { readonly id: string }) => ({
  message_id: id,
  org,
  account,
  artifact_id: null,
  mime: null,
  size_bytes: null,
  sha256: null,
  failure: null,
  attempts: 0,
  wanted_at: null,
  next_at: null,
})

/** Has the file of a message fetched unless it was before; whether it is to be waited for. Needs a transaction. */
export async function wantAttachment(transaction: Connection, messageId: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('attachments')
    .set({ wanted_at: now, next_at: now })
    .where('message_id', '=', messageId)
    .where('wanted_at', 'is', null)
    .where(notForgotten)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/**
 * Has the file of a message fetched because somebody wants to see it, also when that failed before; false when it is there, or on
 * its way. Needs a transaction.
 */
export async function wantAgain(transaction: Connection, messageId: string, now: number): Promise<boolean> {
  const { numUpdatedRows } = await transaction
    .updateTable('attachments')
    .set({ wanted_at: now, next_at: now, failure: null, attempts: 0 })
    .where('message_id', '=', messageId)
    .where('artifact_id', 'is', null)
    .where('next_at', 'is', null)
    .where(notForgotten)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Whether the file of one of these messages is still on its way. */
export async function isFileAwaited(connection: Connection, messageIds: readonly string[]): Promise<boolean> {
  const row = await connection
    .selectFrom('attachments')
    .select('message_id')
    .where('message_id', 'in', messageIds)
    .where('next_at', 'is not', null)
    .executeTakeFirst()
  return row !== undefined
}

/** Tries again later; a try that nobody could make does not count. */
export async function postponeFile(
  connection: Connection,
  messageId: string,
  { nextAt, attempts }: { nextAt: number; attempts: number },
): Promise<void> {
  await connection
    .updateTable('attachments')
    .set({ next_at: nextAt, attempts })
    .where('message_id', '=', messageId)
    .where('next_at', 'is not', null)
    .execute()
}

/** Tries all those of an account now. */
export async function hastenFiles(connection: Connection, { org, account }: AccountKey, now: number): Promise<void> {
  await connection
    .updateTable('attachments')
    .set({ next_at: now })
    .where('org', '=', org)
    .where('account', '=', account)
    .where('next_at', '>', now)
    .execute()
}

/** Writes what became of a file, once; false when it was forgotten in the meantime. Needs a transaction. */
export async function settleFile(
  transaction: Connection,
  messageId: string,
  end: { readonly artifact: Artifact } | { readonly failure: AttachmentFailure },
): Promise<boolean> {
  const found =
    'artifact' in end
      ? {
          artifact_id: end.artifact.id,
          mime: end.artifact.mime,
          size_bytes: end.artifact.sizeBytes,
          sha256: end.artifact.sha256,
          file_name: end.artifact.fileName,
        }
      : { failure: end.failure }
  const { numUpdatedRows } = await transaction
    .updateTable('attachments')
    .set({ ...found, next_at: null })
    .where('message_id', '=', messageId)
    .where(notForgotten)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** What has disappeared is neither fetched nor kept. */
const notForgotten = sql<boolean>`(failure is null or failure <> 'forgotten')`
