import type { Connection } from '../../plugin/store/sql/connection.ts'
import * as loops from '../../plugin/store/messages/loops.ts'
import type { ChatKey, PersonId } from '../../plugin/store/sql/schema.ts'
import { ACCOUNT, ORG } from './store.ts'

/** All that the store is asked about loops in the chat of a message. */
export async function loopScene(
  trx: Connection,
  { chatKey, senderId }: { readonly chatKey: ChatKey; readonly senderId: PersonId },
): Promise<void> {
  const now = Date.now()
  const chat = { ...ACCOUNT, chatKey }
  const written = { senderId, after: now - 1, until: now, afterSeq: 0 }
  await loops.loopStateOf(trx, chat)
  await loops.lastTurnIn(trx, chat)
  await loops.countAsked(trx, written)
  await loops.countSameWords(trx, written, { chatKey, words: 'x' })
  await loops.suspectLoop(trx, chat, 'same_text')
  await loops.listLoops(trx, ORG)
  await loops.pardonLoop(trx, chat)
}
