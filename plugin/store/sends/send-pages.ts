import { sql, type SqlBool } from 'kysely'

import type { SendPage } from '../../contract/delivery.ts'
import type { OrgId } from '../../contract/ids.ts'
import { inAccount } from '../sql/account-index.ts'
import type { Connection } from '../sql/connection.ts'
import { selectSends, storedSend, type StoredSend } from './sends.ts'

/** A page of an org's sends, latest accepted first. `before` is the number of a send, or null for the first page. */
export async function listSends(
  connection: Connection,
  org: OrgId,
  { account, status, limit, before }: Omit<SendPage, 'before'> & { readonly before: number | null },
): Promise<StoredSend[]> {
  let query = selectSends(connection).where('sends.org', '=', org).orderBy('sends.seq', 'desc').limit(limit)
  if (before !== null) query = query.where('sends.seq', '<', before)
  if (status !== null) query = query.where(sql<SqlBool>`sends.status = ${status} and sends.account <> ''`)
  if (account !== null && status === null) query = query.where(inAccount('sends', account))
  // A status has fewer sends than an account, so the status index serves both conditions.
  if (account !== null && status !== null) query = query.where(sql<SqlBool>`sends.account || '' = ${account}`)
  return (await query.execute()).map(storedSend)
}
