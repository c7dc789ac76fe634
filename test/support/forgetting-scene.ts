import { addAttachment, wantAttachment } from '../../plugin/store/messages/attachments.ts'
import type { Connection } from '../../plugin/store/sql/connection.ts'
import * as files from '../../plugin/store/deletion/deleted-files.ts'
import * as forgotten from '../../plugin/store/deletion/disappeared.ts'
import * as lifetimes from '../../plugin/store/messages/lifetimes.ts'
import { findMessage } from '../../plugin/store/messages/messages.ts'
import type { StoredTurn } from '../../plugin/store/turns/turns.ts'
import { given, ORG } from './store.ts'

/** All that the store is asked when the message of a turn disappears. */
export async function forgettingScene(trx: Connection, { messageId }: StoredTurn): Promise<void> {
  const now = Date.now()
  const message = given(await findMessage(trx, ORG, messageId))
  const unknown = { mime: null, sizeBytes: 1, seconds: null, viewOnce: false, album: null }
  await addAttachment(trx, message, { file: 'f', media: { ...unknown, kind: 'image', fileName: 'a.txt' } })
  await wantAttachment(trx, messageId, now)
  await lifetimes.lifetimeIn(trx, message)
  await lifetimes.findSaid(trx, message, message.stanzaId)
  await lifetimes.forgetAtOfSend(trx, 'snd_one')
  await forgotten.listDisappeared(trx, now, 50)
  await forgotten.nextDisappearance(trx, now)
  await forgotten.forgetMessages(trx, [message], now)
  const left = given((await files.listLeftFiles(trx, { after: '', limit: 50 }))[0])
  await files.isHeldElsewhere(trx, left)
  await files.noteFileForgotten(trx, left.messageId)
}
