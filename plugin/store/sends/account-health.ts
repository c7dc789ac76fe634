import type { AccountKey } from '../../contract/ids.ts'
import { INITIATING, UNWANTED } from './send-history.ts'
import type { Connection } from '../sql/connection.ts'

/** Until when WhatsApp holds the number back that is linked now, and when it said so; null for never and for not known. */
export type HeldBack = {
  readonly bannedUntil: number | null
  readonly bannedAt: number | null
  readonly lockedUntil: number | null
  readonly lockedAt: number | null
}

export async function heldBack(connection: Connection, { org, account }: AccountKey): Promise<HeldBack> {
  const row = await connection
    .selectFrom('accounts')
    .leftJoin('allowances as allowed', join =>
      join
        .onRef('allowed.org', '=', 'accounts.org')
        .onRef('allowed.account', '=', 'accounts.account')
        .onRef('allowed.phone', '=', 'accounts.phone'),
    )
    .leftJoin('time_locks as locked', join =>
      join
        .onRef('locked.org', '=', 'accounts.org')
        .onRef('locked.account', '=', 'accounts.account')
        .onRef('locked.phone', '=', 'accounts.phone'),
    )
    .select(['banned_until as bannedUntil', 'banned_at as bannedAt'])
    .select(['locked_until as lockedUntil', 'noted_at as lockedAt'])
    .where('accounts.org', '=', org)
    .where('accounts.account', '=', account)
    .executeTakeFirst()
  return row ?? { bannedUntil: null, bannedAt: null, lockedUntil: null, lockedAt: null }
}

/** What WhatsApp said to a message of ours: that it takes it, or with which code it does not. */
export type Word = { readonly refusedAs: number | null; readonly at: number }

/**
 * What WhatsApp said last to what the number wrote that is linked now; undefined when it has said nothing. Messages are
 * looked at in the order in which they went out. That an answer was unwanted is said of one person, and not of the number.
 */
export async function lastWord(connection: Connection, { org, account }: AccountKey): Promise<Word | undefined> {
  const row = await connection
    .selectFrom('sends')
    .innerJoin('messages', 'messages.id', 'sends.message_id')
    .innerJoin('people', 'people.id', 'messages.sender_id')
    .innerJoin('accounts', join =>
      join.onRef('accounts.org', '=', 'sends.org').onRef('accounts.account', '=', 'sends.account'),
    )
    .select(['sends.rejected_code', 'sends.settled_at', 'people.phone', 'accounts.phone as linked'])
    // Receipts come after it: its own instant is the first.
    .select(row =>
      row
        .selectFrom('send_changes')
        .select(({ fn }) => fn.min('changed_at').as('at'))
        .whereRef('send_changes.send_id', '=', 'sends.id')
        .where('send_changes.status', '<>', 'accepted')
        .as('word_at'),
    )
    .where('sends.org', '=', org)
    .where('sends.account', '=', account)
    .where('sends.transmitted_at', '>', 0)
    .where(row => row.or([row('sends.status', 'in', TAKEN), row('sends.rejected_code', 'is not', null)]))
    .where(row =>
      row.or([
        row('sends.rejected_code', 'is', null),
        row('sends.rejected_code', '<>', UNWANTED),
        row('sends.class', 'in', INITIATING),
      ]),
    )
    .orderBy('sends.transmitted_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  const at = row?.word_at ?? row?.settled_at
  if (!row || typeof at !== 'number' || row.phone === null || row.phone !== row.linked) return undefined
  return { refusedAs: row.rejected_code, at }
}

const TAKEN = ['sent', 'delivered', 'read'] as const
