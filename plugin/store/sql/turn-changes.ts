import type { OrgId } from '../../contract/ids.ts'
import type { Connection } from './connection.ts'

/** A turn of an org. */
export type TurnKey = { readonly org: OrgId; readonly id: string }

/** What the transactions under way have changed. */
const underWay = new WeakMap<Connection, TurnKey[]>()

/** Begins to keep which turns a transaction changes the status of; they are in the answer. */
export function keepChangedTurns(transaction: Connection): readonly TurnKey[] {
  const changed: TurnKey[] = []
  underWay.set(transaction, changed)
  return changed
}

/** The status of these turns is another one once the transaction is committed. */
export function noteChangedTurns(transaction: Connection, ...turns: readonly TurnKey[]): void {
  underWay.get(transaction)?.push(...turns.map(({ org, id }) => ({ org, id })))
}
