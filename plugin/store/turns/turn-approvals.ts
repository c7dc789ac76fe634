import type { Connection } from '../sql/connection.ts'

/** The request and decision of an approval for a call of a turn. */
export type TurnApproval = {
  readonly step: number
  readonly argumentsHash: string
  /** JSON */
  readonly arguments: string
  readonly note: string | null
  readonly decidedBy: string | null
}

/** The approvals of a turn, in the order of their requests. */
export async function approvalsOfTurn(connection: Connection, turnId: string): Promise<TurnApproval[]> {
  return connection
    .selectFrom('approvals')
    .select(['step', 'arguments_hash as argumentsHash', 'arguments', 'note', 'decided_by as decidedBy'])
    .where('turn_id', '=', turnId)
    .orderBy('step')
    .orderBy('id')
    .execute()
}
