import type { OrgId } from '../../contract/ids.ts'
import type { Connection } from '../sql/connection.ts'

/** How long a key is remembered: 30 days. */
export const KEY_KEPT_MS = 2_592_000_000

/** The request that a key was used for in the last 30 days. */
export type UsedKey = { readonly bodyHash: string; readonly sendId: string }

export function findKey(connection: Connection, org: OrgId, key: string): Promise<UsedKey | undefined> {
  return connection
    .selectFrom('idempotency_keys')
    .select(['body_hash as bodyHash', 'send_id as sendId'])
    .where('org', '=', org)
    .where('key', '=', key)
    .where('created_at', '>', Date.now() - KEY_KEPT_MS)
    .executeTakeFirst()
}

/** Stores the request that a key was used for; replaces a use from more than 30 days ago. */
export async function keepKey(connection: Connection, org: OrgId, used: UsedKey & { key: string }): Promise<void> {
  const use = { body_hash: used.bodyHash, send_id: used.sendId, created_at: Date.now() }
  await connection
    .insertInto('idempotency_keys')
    .values({ org, key: used.key, ...use })
    .onConflict(conflict => conflict.columns(['org', 'key']).doUpdateSet(use))
    .execute()
}

/** Deletes keys that were used before an instant, about `most` at a time. Returns how many. Needs a transaction. */
export async function dropKeys(
  transaction: Connection,
  { before, most }: { before: number; most: number },
): Promise<number> {
  const oldest = await transaction
    .selectFrom('idempotency_keys')
    .select('created_at')
    .where('created_at', '<', before)
    .orderBy('created_at')
    .limit(most)
    .execute()
  const last = oldest.at(-1)
  if (!last) return 0
  const { numDeletedRows } = await transaction
    .deleteFrom('idempotency_keys')
    .where('created_at', '<=', last.created_at)
    .executeTakeFirst()
  return Number(numDeletedRows)
}
