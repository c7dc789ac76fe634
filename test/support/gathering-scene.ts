import type { Connection } from '../../plugin/store/sql/connection.ts'
import * as editedTurns from '../../plugin/store/turns/edited-turns.ts'
import * as gatherings from '../../plugin/store/messages/message-batches.ts'
import * as holds from '../../plugin/store/turns/backlog-holds.ts'
import * as turns from '../../plugin/store/turns/turns.ts'
import { ACCOUNT } from './store.ts'

type Kept = Parameters<typeof turns.queueTurn>[1] & gatherings.Speaker

/** All that the store is asked about what somebody says in pieces. */
export async function gatheringScene(trx: Connection, head: Kept, piece: Kept): Promise<void> {
  const now = Date.now()
  await turns.queueTurn(trx, head, { agent: 'echo', conversation: 'chat' })
  await gatherings.takePart(trx, head.id, { id: 'bnd_one' })
  await gatherings.gatherUntil(trx, head.id, { until: now + 1_000, now })
  const gathering = await gatherings.findGathering(trx, head)
  if (!gathering) throw new Error('it was gathering just now')
  await gatherings.joinTurn(trx, head.id, piece.id)
  await gatherings.retarget(trx, gathering, { id: 'bnd_two', agent: 'helper', conversation: 'chat' })
  const album = await gatherings.findAlbum(trx, head, 'ALBUM')
  await gatherings.findAlbumTurn(trx, head, { ...album, parts: album.parts.length > 0 ? album.parts : [part(head.id)] })
  await gatherings.piecesOf(trx, head.id)
  await gatherings.holdGatherings(trx, ACCOUNT, now)
  await gatherings.holdGatherings(trx, null, now)
  await holds.holdForBacklog(trx, head.id, now)
  await holds.holdAllForBacklog(trx, ACCOUNT, now)
  await holds.releaseFromBacklog(trx, ACCOUNT)
  await turns.wasBegun(trx, piece.id)
  await turns.unholdTurns(trx, piece.id)
  await editedTurns.turnOf(trx, piece.id)
  await editedTurns.leaveUnbegun(trx, piece.id, 'unmatched: edited_away')
  await gatherings.joinTurn(trx, head.id, piece.id)
  await editedTurns.leaveUnbegun(trx, head.id, 'unmatched: edited_away')
  await gatherings.closeGatherings(trx, head)
  await gatherings.setOutcomeOfTurn(trx, piece.id, 'answered')
}

const part = (id: string): gatherings.AlbumPart => ({
  id,
  outcome: 'matched',
  gatheredIn: null,
  caption: '',
  mentioned: false,
  forwarded: false,
})
