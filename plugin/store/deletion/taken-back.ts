import { sql } from 'kysely'

import { noteChangedTurns } from '../sql/turn-changes.ts'
import type { ChatOf } from '../sql/schema.ts'
import type { Connection } from '../sql/connection.ts'
import { setOutcomeOfTurn } from '../messages/message-batches.ts'
import { takeBackSend } from '../sends/sends.ts'

/** What a takeover cancelled: the turns that were running, how many turns in all, and how many replies. */
export type TakenBack = { readonly running: string[]; readonly turns: number; readonly replies: number }

/**
 * Cancels a chat's turns for messages from before an instant, with their pending approvals, and cancels replies to such messages
 * that were not transmitted yet. Needs a transaction.
 */
export async function takeBack(transaction: Connection, chat: ChatOf, before: number): Promise<TakenBack> {
  const turns = await turnsBefore(transaction, chat, before)
  const ids = turns.map(({ id }) => id)
  if (ids.length > 0) {
    const now = Date.now()
    await transaction
      .updateTable('turns')
      .set({ status: 'cancelled', code: 'human_takeover', next_at: null, ended_at: now })
      .where('id', 'in', ids)
      .execute()
    await transaction
      .updateTable('approvals')
      .set({ expires_at: now })
      .where('turn_id', 'in', ids)
      .where('status', '=', 'pending')
      .where('expires_at', '>', now)
      .execute()
    for (const { messageId } of turns) await setOutcomeOfTurn(transaction, messageId, 'unmatched: human_takeover')
    noteChangedTurns(transaction, ...turns.map(({ id }) => ({ org: chat.org, id })))
  }
  const replies = await withdrawReplies(transaction, chat, before)
  const running = turns.filter(({ status }) => status === 'running').map(({ id }) => id)
  return { running, turns: turns.length, replies }
}

const turnsBefore = (transaction: Connection, { org, account, chatKey }: ChatOf, before: number) =>
  transaction
    .selectFrom('turns')
    .innerJoin('messages', 'messages.id', 'turns.message_id')
    .select(['turns.id', 'turns.message_id as messageId', 'turns.status'])
    .where('turns.status', 'in', ['queued', 'running', 'awaiting_approval'])
    .where('turns.ended_at', 'is', null)
    .where('turns.org', '=', org)
    .where('turns.account', '=', account)
    .where('turns.chat_key', '=', chatKey)
    .where('messages.sent_at', '<', before)
    .execute()

async function withdrawReplies(
  transaction: Connection,
  { org, account, chatKey }: ChatOf,
  before: number,
): Promise<number> {
  const waiting = await transaction
    .selectFrom('sends')
    .innerJoin('messages as reply', 'reply.id', 'sends.message_id')
    .innerJoin('messages as asked', 'asked.id', 'reply.answers')
    .select(['sends.id', 'sends.org', 'sends.account', 'sends.message_id as messageId', 'asked.id as askedId'])
    .where('sends.org', '=', org)
    .where('sends.account', '=', account)
    .where('sends.status', '=', 'accepted')
    .where('sends.chat_key', '=', chatKey)
    .where('sends.settled_at', 'is', null)
    .where('sends.transmitted_at', 'is', null)
    .where('asked.sent_at', '<', before)
    .orderBy(sql.ref('sends.seq'))
    .execute()
  let replies = 0
  for (const send of waiting) if (await takeBackSend(transaction, send)) replies += 1
  await unanswer(
    transaction,
    waiting.map(({ askedId }) => askedId),
  )
  return replies
}

/** Marks turns whose replies were cancelled as cancelled, unless a reply was already transmitted. */
async function unanswer(transaction: Connection, messageIds: readonly string[]): Promise<void> {
  if (messageIds.length === 0) return
  const unanswered = await transaction
    .updateTable('turns')
    .set({ status: 'cancelled', code: 'human_takeover' })
    .where('message_id', 'in', messageIds)
    .where('status', '=', 'answered')
    .where(row =>
      row.not(
        row.exists(
          row
            .selectFrom('messages as reply')
            .innerJoin('sends', 'sends.message_id', 'reply.id')
            .select('sends.id')
            .whereRef('reply.answers', '=', 'turns.message_id')
            .where('sends.transmitted_at', 'is not', null),
        ),
      ),
    )
    .returning(['org', 'id', 'message_id as messageId'])
    .execute()
  for (const { messageId } of unanswered) await setOutcomeOfTurn(transaction, messageId, 'unmatched: human_takeover')
  noteChangedTurns(transaction, ...unanswered)
}
