import { sql } from 'kysely'

import type { AttachmentFailure } from '../../contract/media.ts'
import type { Artifact } from '../../contract/artifact.ts'
import type { Attachment, MediaKind } from '../../contract/content.ts'
import type { OutboundFile } from '../../contract/delivery.ts'
import type { AccountKey } from '../../contract/ids.ts'
import type { Connection } from '../sql/connection.ts'
import type { ChatKey } from '../sql/schema.ts'

/** The file of a message, from its announcement until it is stored or given up. */
export type StoredAttachment = {
  readonly kind: MediaKind
  /** Null until the file is stored; stays null if that fails. */
  readonly artifact: Artifact | null
  /** Why the file was given up; null if it was not. */
  readonly failure: AttachmentFailure | null
}

/** A file to fetch. */
export type WantedFile = AccountKey & {
  readonly messageId: string
  readonly chatKey: ChatKey
  /** The file's name at the gateway. */
  readonly file: string
  readonly kind: MediaKind
  readonly fileName: string | null
  /** The number of failed attempts. */
  readonly attempts: number
  readonly wantedAt: number
}

/** Records that a message has a file. The file is fetched when somebody is to answer the message. Needs a transaction. */
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

/** Records the file of a message of ours; the host keeps it. Needs a transaction. */
export async function addKeptFile(
  transaction: Connection,
  message: AccountKey & { readonly id: string },
  { kind, artifact, mime, fileName, sizeBytes, sha256 }: OutboundFile,
): Promise<void> {
  // Only files that have to be fetched have a name at the gateway.
  const kept = { file: '', kind, file_name: fileName, artifact_id: artifact, mime, size_bytes: sizeBytes, sha256 }
  await transaction
    .insertInto('attachments')
    .values({ ...rowOf(message), ...kept })
    .execute()
}

/** The initial state of any message's file: nothing waits for it and nothing is fetched. */
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

/**
 * Starts the fetch of a message's file; false if it was requested before. True if the caller has to wait for it. Needs a
 * transaction.
 */
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
 * Starts the fetch of a message's file because somebody wants to see it, even if it failed before; false if it is stored or on its
 * way. Needs a transaction.
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

/** Whether the file of one of these messages is still to be fetched. */
export async function isFileAwaited(connection: Connection, messageIds: readonly string[]): Promise<boolean> {
  const row = await connection
    .selectFrom('attachments')
    .select('message_id')
    .where('message_id', 'in', messageIds)
    .where('next_at', 'is not', null)
    .executeTakeFirst()
  return row !== undefined
}

/** Schedules the next attempt. The caller does not count an attempt that could not be made. */
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

/** Schedules all pending files of an account for now. */
export async function hastenFiles(connection: Connection, { org, account }: AccountKey, now: number): Promise<void> {
  await connection
    .updateTable('attachments')
    .set({ next_at: now })
    .where('org', '=', org)
    .where('account', '=', account)
    .where('next_at', '>', now)
    .execute()
}

/** Stores the result of a fetch, once; false if the file was forgotten in the meantime. Needs a transaction. */
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

/** Files of disappeared messages are neither fetched nor stored. */
const notForgotten = sql<boolean>`(failure is null or failure <> 'forgotten')`
