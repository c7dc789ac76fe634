import { setImmediate } from 'node:timers/promises'

import { StartRefused } from '../private-folder.ts'
import type { Environment } from '../host.ts'
import type { AuditStore } from './audit-store.ts'

const DAY_MS = 86_400_000
const DEFAULT_DAYS = 90
/** A batch so small that nobody has to wait long for the store. */
const ROWS_AT_A_TIME = 500

/**
 * The retention period from `POLICY_AUDIT_RETENTION_DAYS`.
 * @throws StartRefused if that is not a number of days.
 */
export function keptMsFrom(environment: Environment): number {
  const given = environment['POLICY_AUDIT_RETENTION_DAYS'] || String(DEFAULT_DAYS)
  if (/^[1-9][0-9]{0,4}$/.test(given)) return Number(given) * DAY_MS
  throw new StartRefused('POLICY_AUDIT_RETENTION_DAYS must be a whole number of days, from 1 to 99999.')
}

/**
 * Deletes the entries that are older than `before`, in batches, and yields to other work between them. If the clock was wrong for a
 * while, some entries are kept longer, but none is deleted too early.
 */
export async function removeOldEntries(store: AuditStore, before: number, signal: AbortSignal): Promise<void> {
  for (const org of store.orgs()) {
    for (let removed = ROWS_AT_A_TIME; removed === ROWS_AT_A_TIME && !signal.aborted;) {
      removed = store.removeOld(org, { before, most: ROWS_AT_A_TIME })
      await setImmediate()
    }
  }
}
