import type { Connection } from '../../plugin/store/sql/connection.ts'
import * as old from '../../plugin/store/deletion/old-messages.ts'
import { ORG } from './store.ts'

/** All that the store is asked about a message that is too old. */
export async function oldScene(trx: Connection, messageId: string): Promise<void> {
  await old.startsWithDays(trx)
  await old.listOrgs(trx)
  await old.listOld(trx, ORG, { before: Date.now() + 1_000, after: '', limit: 50 })
  await old.leaveFiles(trx, [messageId])
  await old.deleteMessages(trx, [messageId])
}
