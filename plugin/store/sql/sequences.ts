import type { OrgId } from '../../contract/ids.ts'
import type { Connection } from './connection.ts'

/** The numbered streams of an org: its messages, the changes of its sends, and the changes of its bindings. */
type Stream = 'sequences' | 'send_sequences' | 'binding_changes'

/** The next number of the org's event stream. The counter's row is locked until the commit, so there are no gaps. */
export async function nextSeq(connection: Connection, org: OrgId, stream: Stream = 'sequences'): Promise<number> {
  const row = await connection
    .insertInto(stream)
    .values({ org, last: 1 })
    .onConflict(conflict =>
      conflict.column('org').doUpdateSet(expression => ({ last: expression(`${stream}.last`, '+', 1) })),
    )
    .returning('last')
    .executeTakeFirstOrThrow()
  return row.last
}

/** The last number assigned; 0 before the first. */
export async function lastSeq(connection: Connection, org: OrgId, stream: Stream = 'sequences'): Promise<number> {
  const row = await connection.selectFrom(stream).select('last').where('org', '=', org).executeTakeFirst()
  return row?.last ?? 0
}

/** A negative number for a message that is not in the org's stream yet. Needs the transaction that uses it. */
export async function nextHiddenSeq(transaction: Connection, org: OrgId): Promise<number> {
  const row = await transaction
    .selectFrom('messages')
    .select(({ fn }) => fn.min('seq').as('lowest'))
    .where('org', '=', org)
    .executeTakeFirst()
  return Math.min(0, row?.lowest ?? 0) - 1
}
