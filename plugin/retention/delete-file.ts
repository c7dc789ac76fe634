import { errorFields } from '../contract/errors/error-fields.ts'
import type { Artifacts, Log } from '../contract/host.ts'
import { outgoingSource } from '../media/outbound-files.ts'
import { inboundSource } from '../media/inbound-files.ts'
import type { Store } from '../store/database.ts'
import { isHeldElsewhere, noteFileForgotten, type LeftFile } from '../store/deletion/deleted-files.ts'

/** What deleting files at the host needs. */
export type FileForgettingParts = {
  readonly store: Store
  readonly artifacts: Pick<Artifacts, 'forget'>
  readonly log: Log
}

/**
 * Has the host delete the file of a message, unless another message has the same one. A file that a caller has stored at the host
 * directly has a source of its own and stays. Returns false if the file cannot be deleted now.
 */
export async function forgetFile({ store, artifacts, log }: FileForgettingParts, file: LeftFile): Promise<boolean> {
  const { org, messageId, direction, sha256, fileName } = file
  try {
    const source = direction === 'inbound' ? inboundSource(messageId) : outgoingSource(sha256 ?? '', fileName)
    if (!(await isHeldElsewhere(store.connection, file))) await artifacts.forget?.(org, source)
    await store.transaction(transaction => noteFileForgotten(transaction, messageId))
    return true
  } catch (error) {
    log.warn({ org, message: messageId, ...errorFields(error) }, 'file not forgotten')
    return false
  }
}
