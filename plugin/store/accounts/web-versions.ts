import type { AccountKey } from '../../contract/ids.ts'
import { parseWebVersion, type KnownVersion, type WebVersion } from '../../contract/web-version.ts'
import type { Connection } from '../sql/connection.ts'

/** The last version that a network accepted; null if none is stored or the stored text is not a version. */
export async function findAcceptedVersion(connection: Connection, network: string): Promise<KnownVersion | null> {
  const row = await connection
    .selectFrom('web_versions')
    .select(['version', 'known_at'])
    .where('network', '=', network)
    .executeTakeFirst()
  const version = parseWebVersion(row?.version ?? '')
  return row && version ? { version, knownAt: row.known_at } : null
}

/** Stores the version; each network has one row. */
export async function keepAcceptedVersion(
  connection: Connection,
  network: string,
  { version, knownAt }: KnownVersion,
): Promise<void> {
  const kept = { version, known_at: knownAt }
  await connection
    .insertInto('web_versions')
    .values({ network, ...kept })
    .onConflict(conflict => conflict.column('network').doUpdateSet(kept))
    .execute()
}

/** Stores until when WhatsApp accepts this version, as it told the account; null if WhatsApp withdrew the date. */
export async function noteExpiration(
  connection: Connection,
  { org, account }: AccountKey,
  { version, expiresAt }: { readonly version: WebVersion; readonly expiresAt: number | null },
): Promise<void> {
  await connection
    .updateTable('accounts')
    .set({ expiring_version: expiresAt === null ? null : version, client_expires_at: expiresAt })
    .where('org', '=', org)
    .where('account', '=', account)
    .execute()
}
