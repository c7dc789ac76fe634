import type { DeliveryStatus } from '../../contract/delivery.ts'
import type { OrgId } from '../../contract/ids.ts'
import type { NumberedChange } from '../../contract/api/sends.ts'
import type { Rejection } from '../../contract/rejection.ts'
import type { Connection } from '../sql/connection.ts'
import { chatOf } from '../messages/messages.ts'
import { nextSeq } from '../sql/sequences.ts'

/** One status change of a send. */
export type SendStep = Rejection & { readonly sendId: string; readonly status: DeliveryStatus; readonly at: number }

/** Stores a status change under the next number. Needs a transaction. */
export async function noteChange(
  transaction: Connection,
  org: OrgId,
  { sendId, status, at, code, reason }: SendStep,
): Promise<void> {
  const seq = await nextSeq(transaction, org, 'send_sequences')
  await transaction
    .insertInto('send_changes')
    .values({ org, seq, send_id: sendId, status, rejected_code: code, rejected_reason: reason, changed_at: at })
    .execute()
}

/** The orgs in which sends have changed their status. */
export async function listChangedOrgs(connection: Connection): Promise<OrgId[]> {
  const rows = await connection.selectFrom('send_sequences').select('org').execute()
  return rows.map(({ org }) => org)
}

/**
 * Deletes an org's oldest changes from before an instant, at most `most`. Returns how many. The rest has no gaps, and the last
 * assigned number stays the same. Needs a transaction.
 */
export async function dropChanges(
  transaction: Connection,
  org: OrgId,
  { before, most }: { before: number; most: number },
): Promise<number> {
  const first = await transaction
    .selectFrom('send_changes')
    .select(['seq', 'changed_at as at'])
    .where('org', '=', org)
    .orderBy('seq')
    .limit(most)
    .execute()
  const young = first.findIndex(({ at }) => at >= before)
  const last = (young === -1 ? first : first.slice(0, young)).at(-1)
  if (!last) return 0
  const { numDeletedRows } = await transaction
    .deleteFrom('send_changes')
    .where('org', '=', org)
    .where('seq', '<=', last.seq)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** The stored changes after a number, in order. */
export async function listChanges(
  connection: Connection,
  org: OrgId,
  page: { after: number; limit: number },
): Promise<NumberedChange[]> {
  const rows = await connection
    .selectFrom('send_changes')
    .innerJoin('sends', 'sends.id', 'send_changes.send_id')
    .leftJoin('people as peer', 'peer.id', 'sends.chat_key')
    .selectAll('send_changes')
    .select(['sends.account', 'sends.message_id', 'sends.chat_key', 'peer.lid as peer_lid', 'peer.phone as peer_phone'])
    .where('send_changes.org', '=', org)
    .where('send_changes.seq', '>', page.after)
    .orderBy('send_changes.seq')
    .limit(page.limit)
    .execute()
  return rows.map(row => ({
    seq: row.seq,
    change: {
      id: row.send_id,
      account: row.account,
      messageId: row.message_id,
      chat: chatOf(row.chat_key, { lid: row.peer_lid, phone: row.peer_phone }),
      status: row.status,
      rejectedCode: row.rejected_code,
      rejectedReason: row.rejected_reason,
      at: row.changed_at,
    },
  }))
}
