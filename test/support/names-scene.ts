import type { StoredMessage } from '../../plugin/store/messages/messages.ts'
import type { Connection } from '../../plugin/store/sql/connection.ts'
import { noteSubject, noteSubjectNow, subjectsOf, unknownAmong } from '../../plugin/store/messages/group-subjects.ts'
import { peerNamesOf } from '../../plugin/store/people/peer-names.ts'
import { listSenders } from '../../plugin/store/messages/senders.ts'
import { ACCOUNT, ALICE, direct, GROUP, ORG } from './store.ts'

/** All that the store is asked about what people and groups are called. */
export async function namesScene(
  trx: Connection,
  { id, chatKey }: Pick<StoredMessage, 'id' | 'chatKey'>,
): Promise<void> {
  if (GROUP.kind !== 'group') return
  const { group } = GROUP
  const at = Date.now()
  for (let name = 0; name < 30; name += 1)
    await noteSubject(trx, { ...ACCOUNT, group }, { subject: `name ${name}`, since: at + name })
  await noteSubjectNow(trx, { ...ACCOUNT, group }, 'Family')
  await unknownAmong(trx, ACCOUNT, [group])
  await subjectsOf(trx, [{ ...ACCOUNT, group, at }])
  await peerNamesOf(trx, [{ ...ACCOUNT, chat: direct(ALICE), chatKey, at }])
  await listSenders(trx, ORG, [id])
}
