import { setImmediate } from 'node:timers/promises'

import { StartRefused } from '../home.ts'
import type { Environment } from '../host.ts'
import type { AuditStore } from './audit-store.ts'

const DAY_MS = 86_400_000
const DEFAULT_DAYS = 90
/** So few at a time that nobody waits for the store. */
const ROWS_AT_A_TIME = 500

/**
 * How long entries are kept, by `POLICY_AUDIT_RETENTION_DAYS`.
 * @throws StartRefused when that is no number of days.
 */
export function keptMsFrom(environment: Environment): number {
  const given = environment['POLICY_AUDIT_RETENTION_DAYS'] || String(DEFAULT_DAYS)
  if (/^[1-9][0-9]{0,4}$/.test(given)) return Number(given) * DAY_MS
  throw new StartRefused('POLICY_AUDIT_RETENTION_DAYS must be a whole number of days, from 1 to 99999.')
}

/**
 * Removes the entries that are older than `before`, and lets everything else go between. A clock that was wrong for a while
 * has some kept for longer, and none removed before its time.
 */
export async function removeOldEntries(store: AuditStore, before: number, signal: AbortSignal): Promise<void> {
  for (const org of store.orgs()) {
    for (let removed = ROWS_AT_A_TIME; removed === ROWS_AT_A_TIME && !signal.aborted;) {
      removed = store.removeOld(org, { before, most: ROWS_AT_A_TIME })
      await setImmediate()
    }
  }
}
