import type { Connection } from '../../plugin/store/sql/connection.ts'
import { beginTurns, readyTurns } from '../../plugin/store/turns/ready-turns.ts'
import type { StoredTurn } from '../../plugin/store/turns/turns.ts'

/** Begins the turns of an account that are ready, no more of them than a limit. Needs a transaction. */
export const takeTurns = async (transaction: Connection, limit: number, now: number): Promise<StoredTurn[]> =>
  beginTurns(transaction, await readyTurns(transaction, { now, most: limit, hasRoom: () => true }), () => 300_000)
