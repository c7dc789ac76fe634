import type { OrgId } from '../contract/ids.ts'
import type { Connection } from './database.ts'

const KEPT_MS = 30 * 24 * 60 * 60 * 1000

/** What a key was used for in the last 30 days. */
export type UsedKey = { readonly bodyHash: string; readonly sendId: string }

export function findKey(connection: Connection, org: OrgId, key: string): Promise<UsedKey | undefined> {
  return connection
    .selectFrom('idempotency_keys')
    .select(['body_hash as bodyHash', 'send_id as sendId'])
    .where('org', '=', org)
    .where('key', '=', key)
    .where('created_at', '>', Date.now() - KEPT_MS)
    .executeTakeFirst()
}

/** Notes what a key was used for and forgets the org's keys of more than 30 days ago. Needs a transaction. */
export async function keepKey(transaction: Connection, org: OrgId, used: UsedKey & { key: string }): Promise<void> {
  const now = Date.now()
  await transaction
    .deleteFrom('idempotency_keys')
    .where('org', '=', org)
    .where('created_at', '<=', now - KEPT_MS)
    .execute()
  await transaction
    .insertInto('idempotency_keys')
    .values({ org, key: used.key, body_hash: used.bodyHash, send_id: used.sendId, created_at: now })
    .execute()
}
