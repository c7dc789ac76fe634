import { errorFields } from '../contract/errors/error-fields.ts'
import type { Artifacts, Log } from '../contract/host.ts'
import { outgoingSource } from '../media/outbound-files.ts'
import { inboundSource } from '../media/inbound-files.ts'
import type { Store } from '../store/database.ts'
import { isHeldElsewhere, noteFileForgotten, type LeftFile } from '../store/deletion/deleted-files.ts'

/** What it takes to have the host forget a file. */
export type FileForgettingParts = {
  readonly store: Store
  readonly artifacts: Pick<Artifacts, 'forget'>
  readonly log: Log
}

/**
 * Has the host forget the file of a message, unless another message has the same one. What a caller has handed over by itself the host
 * keeps under a source of its own. False when it cannot be forgotten now.
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
