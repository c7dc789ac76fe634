import type { AccountKey } from '../../contract/ids.ts'
import { INITIATING, UNWANTED } from './send-history.ts'
import type { Connection } from '../sql/connection.ts'

/** Until when WhatsApp restricts the number that is linked now, and when it said so; null if it never did or that is not known. */
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

/** WhatsApp's answer to a message of ours: accepted, or refused with a code. */
export type Word = { readonly refusedAs: number | null; readonly at: number }

/**
 * WhatsApp's answer to the account's most recently transmitted message that has one; undefined if there is none, or if another
 * number than the one linked now sent that message. Skips replies that were rejected as unwanted: that concerns one person, not the
 * number.
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
    // Receipts arrive after the answer, so the first change is the time of the answer.
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
