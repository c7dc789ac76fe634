import type { DeliveryStatus } from '../../contract/delivery.ts'
import type { AccountKey, AccountName, OrgId } from '../../contract/ids.ts'
import type { TurnStatus } from '../../contract/turn.ts'
import type { Connection } from '../sql/connection.ts'

/** The statuses of turns that are not over: those in progress, and those that wait for a person. */
export const OPEN_TURNS = ['queued', 'running', 'needs_operator', 'dead_letter'] as const satisfies TurnStatus[]

/** How many turns of an org have each open status; statuses without turns are missing. */
export async function countOpenTurns(connection: Connection, org: OrgId): Promise<Map<TurnStatus, number>> {
  const rows = await connection
    .selectFrom('turns')
    .select(({ fn }) => ['status', fn.countAll<number>().as('count')])
    .where('org', '=', org)
    .where('status', 'in', OPEN_TURNS)
    .groupBy('status')
    .execute()
  return new Map(rows.map(({ status, count }) => [status, Number(count)]))
}

/** Since when the longest-waiting queued turn waits; null if none waits. */
export async function oldestQueuedAt(connection: Connection, org: OrgId): Promise<number | null> {
  const row = await connection
    .selectFrom('turns')
    .select('queued_at')
    .where('org', '=', org)
    .where('status', '=', 'queued')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row?.queued_at ?? null
}

/** Since when the longest-running attempt runs; null if none runs. */
export async function oldestRunningAt(connection: Connection, org: OrgId): Promise<number | null> {
  const row = await connection
    .selectFrom('turns')
    .select(({ fn }) => fn.min('began_at').as('at'))
    .where('org', '=', org)
    .where('status', '=', 'running')
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  return row?.at ?? null
}

/** How many approvals wait for a decision. */
export async function countApprovalsWaiting(connection: Connection, org: OrgId): Promise<number> {
  const row = await connection
    .selectFrom('approvals')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('org', '=', org)
    .where('status', '=', 'pending')
    .where('expires_at', '>', Date.now())
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

/**
 * The sends of an account that WhatsApp has not acknowledged yet. `held`: how many wait for a person. `oldestAt` is null if there
 * are none.
 */
export type Unsent = { readonly waiting: number; readonly held: number; readonly oldestAt: number | null }

export async function unsentOf(connection: Connection, { org, account }: AccountKey): Promise<Unsent> {
  const rows = await connection
    .selectFrom('sends')
    .select(({ fn }) => ['held', fn.countAll<number>().as('count'), fn.min('seq').as('first')])
    .where('org', '=', org)
    .where('account', '=', account)
    .where('status', '=', 'accepted')
    .where('settled_at', 'is', null)
    .groupBy('held')
    .execute()
  const countOf = (held: boolean): number =>
    rows.filter(row => (row.held !== null) === held).reduce((sum, { count }) => sum + Number(count), 0)
  const counts = { waiting: countOf(false), held: countOf(true) }
  if (rows.length === 0) return { ...counts, oldestAt: null }
  const oldest = await connection
    .selectFrom('sends')
    .select('accepted_at')
    .where('org', '=', org)
    .where('seq', '=', Math.min(...rows.map(({ first }) => first)))
    .executeTakeFirst()
  return { ...counts, oldestAt: oldest?.accepted_at ?? null }
}

/** When an account last connected, and when its last message arrived; null: never. */
export type LastSeen = {
  readonly account: AccountName
  readonly connectedAt: number | null
  readonly receivedAt: number | null
}

export function listLastSeen(connection: Connection, org: OrgId): Promise<LastSeen[]> {
  return connection
    .selectFrom('accounts')
    .leftJoin('cursors', join =>
      join.onRef('cursors.org', '=', 'accounts.org').onRef('cursors.account', '=', 'accounts.account'),
    )
    .select(['accounts.account', 'last_connected_at as connectedAt', 'received_at as receivedAt'])
    .where('accounts.org', '=', org)
    .orderBy('accounts.account')
    .execute()
}

/** The next status changes of an org's sends after a number, in order, at most `most`. */
export function listSteps(
  connection: Connection,
  org: OrgId,
  { after, most }: { after: number; most: number },
): Promise<{ seq: number; status: DeliveryStatus }[]> {
  return connection
    .selectFrom('send_changes')
    .select(['seq', 'status'])
    .where('org', '=', org)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(most)
    .execute()
}
