import { sql } from 'kysely'

import type { AccountKey } from '../../contract/ids.ts'
import type { Connection } from '../sql/connection.ts'

/** A number of turns of an account's agent, and since when the first of them; ms UTC. */
export type TroubledTurns = AccountKey & { readonly agent: string; readonly count: number; readonly since: number }

/** The attempts that started before an instant and still run. */
export async function listLongRunning(connection: Connection, before: number): Promise<TroubledTurns[]> {
  const rows = await connection
    .selectFrom('turns')
    .select(({ fn }) => ['org', 'account', 'agent', fn.countAll<number>().as('count'), fn.min('began_at').as('since')])
    .where('status', '=', 'running')
    .where('ended_at', 'is', null)
    .where('began_at', '<=', before)
    .groupBy(['org', 'account', 'agent'])
    .execute()
  return rows.map(row => ({ ...row, count: Number(row.count), since: row.since ?? before }))
}

/** A number of turns of an account, and since when the first of them; ms UTC. */
export type GivenUp = Omit<TroubledTurns, 'agent'>

/** The turns that were given up and wait for a person. */
export async function listGivenUp(connection: Connection): Promise<GivenUp[]> {
  const rows = await connection
    .selectFrom('turns')
    .select(({ fn }) => ['org', 'account', fn.countAll<number>().as('count'), fn.min('ended_at').as('since')])
    .where(sql<boolean>`status = 'dead_letter'`)
    .groupBy(['org', 'account'])
    .execute()
  return rows.map(row => ({ ...row, count: Number(row.count), since: row.since ?? 0 }))
}
