import { sql } from 'kysely'

import type { OrgId } from '../../contract/ids.ts'
import type { Connection } from '../sql/connection.ts'
import type { BindingTable } from '../sql/schema.ts'
import { nextSeq } from '../sql/sequences.ts'

/** The most revisions of an org, current ones included: enough for eleven orders of as many bindings as an org may have. */
const KEPT_MOST = 22_000
/** How many outdated revisions remain after a clean-up. The gap to `KEPT_MOST` avoids a clean-up at each change. */
const KEPT_LEAST = 10_000

/** Counts a change of an org's bindings and stores them as they are after it. Needs the transaction that makes the change. */
export async function noteChange(transaction: Connection, org: OrgId, ids: readonly string[]): Promise<void> {
  const change = await nextSeq(transaction, org, 'binding_changes')
  const changed = sql`(select value from json_each(${JSON.stringify(ids)}))`
  await sql`
    update binding_revisions set to_change = ${change}
    where org = ${org} and id in ${changed} and to_change is null`.execute(transaction)
  await sql`
    insert into binding_revisions (${COLUMNS}, from_change)
    select ${COLUMNS}, ${change} from bindings where org = ${org} and id in ${changed}`.execute(transaction)
  await forgetOldest(transaction, org)
}

const COLUMN: Readonly<Record<keyof BindingTable, true>> = {
  id: true,
  org: true,
  agent: true,
  rule: true,
  position: true,
  created_at: true,
  enabled: true,
  version: true,
  conversation: true,
  suspended_at: true,
}
const COLUMNS = sql.raw(Object.keys(COLUMN).join(', '))

/** Deletes an org's oldest outdated revisions. Traces of messages judged by those then show no bindings. */
async function forgetOldest(transaction: Connection, org: OrgId): Promise<void> {
  const { count } = await transaction
    .selectFrom('binding_revisions')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('org', '=', org)
    .executeTakeFirstOrThrow()
  if (count <= KEPT_MOST) return
  const beyond = await transaction
    .selectFrom('binding_revisions')
    .select('to_change')
    .where('org', '=', org)
    .where('to_change', 'is not', null)
    .orderBy('to_change', 'desc')
    .offset(sql.lit(KEPT_LEAST))
    .limit(1)
    .executeTakeFirst()
  const through = beyond?.to_change ?? null
  if (through === null) return
  await transaction.deleteFrom('binding_revisions').where('org', '=', org).where('to_change', '<=', through).execute()
  await transaction.updateTable('binding_changes').set({ kept_from: through }).where('org', '=', org).execute()
}
