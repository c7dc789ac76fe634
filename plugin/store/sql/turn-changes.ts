import type { OrgId } from '../../contract/ids.ts'
import type { Connection } from './connection.ts'

/** Identifies a turn. */
export type TurnKey = { readonly org: OrgId; readonly id: string }

/** The turns changed by each open transaction. */
const underWay = new WeakMap<Connection, TurnKey[]>()

/** Starts to collect the turns whose status a transaction changes, and returns the list that collects them. */
export function keepChangedTurns(transaction: Connection): readonly TurnKey[] {
  const changed: TurnKey[] = []
  underWay.set(transaction, changed)
  return changed
}

/** Records that a transaction changes the status of these turns. */
export function noteChangedTurns(transaction: Connection, ...turns: readonly TurnKey[]): void {
  underWay.get(transaction)?.push(...turns.map(({ org, id }) => ({ org, id })))
}
