import type { OrgId } from '../contract/ids.ts'
import type { Connection } from './database.ts'

/** The next number of the org's stream of events. The counter's row is held until the commit, so there are no gaps. */
export async function nextSeq(connection: Connection, org: OrgId): Promise<number> {
  const row = await connection
    .insertInto('sequences')
    .values({ org, last: 1 })
    .onConflict(conflict =>
      conflict.column('org').doUpdateSet(expression => ({ last: expression('sequences.last', '+', 1) })),
    )
    .returning('last')
    .executeTakeFirstOrThrow()
  return row.last
}

/** The last number given out, 0 before the first. */
export async function lastSeq(connection: Connection, org: OrgId): Promise<number> {
  const row = await connection.selectFrom('sequences').select('last').where('org', '=', org).executeTakeFirst()
  return row?.last ?? 0
}
