import type { Connection } from '../../plugin/store/sql/connection.ts'
import * as gauges from '../../plugin/store/turns/metrics-queries.ts'
import { tryToWrite } from '../../plugin/store/sql/probe.ts'
import { listChangedOrgs } from '../../plugin/store/sends/send-changes.ts'
import { listGivenUp, listLongRunning } from '../../plugin/store/turns/troubled-turns.ts'
import { ACCOUNT, ORG } from './store.ts'

/** All that the store is asked about an org by those who look how it is. */
export async function metricsScene(trx: Connection): Promise<void> {
  await gauges.countOpenTurns(trx, ORG)
  await gauges.oldestQueuedAt(trx, ORG)
  await gauges.unsentOf(trx, ACCOUNT)
  await gauges.listLastSeen(trx, ORG)
  await gauges.listSteps(trx, ORG, { after: 0, most: 10 })
  await listChangedOrgs(trx)
  await gauges.oldestRunningAt(trx, ORG)
  await gauges.countApprovalsWaiting(trx, ORG)
  await listLongRunning(trx, Date.now())
  await listGivenUp(trx)
  await tryToWrite(trx)
}
