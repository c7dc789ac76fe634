import { sql } from 'kysely'

import { wordOf } from '../../contract/claimed.ts'
import type { AccountKey } from '../../contract/ids.ts'
import { forgetAtOf } from '../../contract/message.ts'
import type { Connection } from '../sql/connection.ts'
import { albumIn, type NewMessage } from './messages.ts'
import { overwriteFor } from '../sql/overwrite.ts'
import type { Outcome } from '../sql/schema.ts'
import { nextSeq } from '../sql/sequences.ts'

/**
 * Replaces an undecryptable message with its decrypted version, and adds it to the org's stream unless it is there already. Returns
 * its number in the stream. Needs a transaction.
 */
export async function upgradeMessage(
  transaction: Connection,
  stored: { id: string; seq: number },
  message: NewMessage,
): Promise<number> {
  const seq = stored.seq > 0 ? stored.seq : await nextSeq(transaction, message.org)
  const {
    key,
    edits,
    senderName,
    content,
    mentioned,
    mentionsAll,
    quoted,
    quotes,
    forwarded,
    outcome,
    bindingId,
    judged,
  } = message
  await overwriteFor(transaction, forgetAtOf(message))
  await transaction
    .updateTable('messages')
    .set({
      seq,
      outcome,
      edits: edits ?? '',
      ...(key && { stanza_key: JSON.stringify(key) }),
      sender_name: senderName,
      content: JSON.stringify(content),
      album: albumIn(content),
      mentioned: mentioned ? 1 : 0,
      mentions_all: mentionsAll ? 1 : 0,
      forwarded: forwarded ? wordOf(forwarded).score : null,
      quoted: quoted && JSON.stringify(quoted),
      quotes: quotes ?? null,
      binding_id: bindingId,
      judged: judged && JSON.stringify(judged),
      expires_in: message.expiresInSeconds ?? null,
      forget_at: forgetAtOf(message),
    })
    .where('id', '=', stored.id)
    .execute()
  return seq
}

/**
 * Gives up an account's messages that have been undecryptable since before an instant, and adds them to the org's stream. Returns
 * the last number assigned, or null if there are none. Needs a transaction.
 */
export async function expireUndecryptable(
  transaction: Connection,
  key: AccountKey,
  before: number,
): Promise<number | null> {
  const late = await transaction
    .selectFrom('messages')
    .select('id')
    .where('org', '=', key.org)
    .where('account', '=', key.account)
    .where('outcome', '=', sql.lit<Outcome>('undecryptable'))
    .where('received_at', '<', before)
    .orderBy('seq', 'desc')
    .execute()
  let seq: number | null = null
  for (const { id } of late) {
    seq = await nextSeq(transaction, key.org)
    const expired = { seq, outcome: 'undecryptable: expired' } as const
    await transaction.updateTable('messages').set(expired).where('id', '=', id).execute()
  }
  return seq
}
