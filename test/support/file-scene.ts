import * as attachments from '../../plugin/store/messages/attachments.ts'
import type { Connection } from '../../plugin/store/sql/connection.ts'
import { dueFiles, nextFileAt } from '../../plugin/store/messages/due-files.ts'
import * as turns from '../../plugin/store/turns/turns.ts'
import { ACCOUNT } from './store.ts'

/** All that the store is asked about the file of a message. */
export async function fileScene(trx: Connection, message: Parameters<typeof turns.queueTurn>[1]): Promise<void> {
  const now = Date.now()
  const messageId = message.id
  await turns.queueTurn(trx, message, { agent: 'echo', conversation: 'chat' })
  const media = {
    kind: 'image',
    mime: null,
    sizeBytes: 1,
    fileName: null,
    seconds: null,
    viewOnce: false,
    album: null,
  } as const
  await attachments.addAttachment(trx, { ...ACCOUNT, id: messageId }, { file: 'f', media })
  await attachments.wantAttachment(trx, messageId, now)
  await turns.holdTurn(trx, messageId, now)
  await dueFiles(trx, { now, most: 8 })
  await nextFileAt(trx, now)
  await attachments.postponeFile(trx, messageId, { nextAt: now, attempts: 1 })
  await attachments.hastenFiles(trx, ACCOUNT, now)
  await attachments.settleFile(trx, messageId, { failure: 'gone' })
  await attachments.isFileAwaited(trx, [messageId])
  await turns.unholdTurns(trx, messageId)
  await turns.cancelTurn(trx, messageId, 'ignored: revoked')
}
