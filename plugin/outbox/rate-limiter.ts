import type { SendClass } from '../contract/delivery.ts'
import type { AccountKey, OrgId } from '../contract/ids.ts'
import type { Limits } from '../config/send-limits.ts'
import { drawPace, earliestAt, LOOK_BACK_MS, type PastSend, type Standing, unwantedStop } from './send-schedule.ts'
import { HOUR_MS } from '../base/durations.ts'
import { countSameText, findAllowance, listPastSends, listUnwanted } from '../store/sends/send-history.ts'
import type { Connection } from '../store/sql/connection.ts'
import type { Store } from '../store/database.ts'
import type { ChatKey } from '../store/sql/schema.ts'
import type { StoredSend } from '../store/sends/sends.ts'
import { findTimeLock } from '../store/sends/time-locks.ts'

/** The limits in force; null if sends are not paced. */
export type LimitsInForce = (org: OrgId) => Limits | null

/** What is known about a send before it is accepted. `firstReply`: the first reply of a turn, which takes time to type. */
export type PacedSend = { readonly class: SendClass; readonly firstReply: boolean; readonly characters: number }

/** What pacing depends on at an instant; `standing` is null if sends are not paced. */
export type SendRecord = { readonly past: PastSend[]; readonly standing: Standing | null }

/** Paces sends by what the store has recorded about the accounts, so a restart resets no limit. */
export class SendRateLimiter {
  readonly #store: Store
  readonly #limits: LimitsInForce
  readonly #random: () => number

  constructor(store: Store, limits: LimitsInForce, random: () => number) {
    this.#store = store
    this.#limits = limits
    this.#random = random
  }

  /** Draws the random delays of a send that is accepted now. */
  draw(org: OrgId, send: PacedSend): { delayMs: number; gapMs: number } {
    const limits = this.#limits(org)
    return limits ? drawPace(send, limits, this.#random) : { delayMs: 0, gapMs: 0 }
  }

  /** Whether this text was sent to so many chats within the hour that a person must look at it. */
  async tooMany(transaction: Connection, chat: AccountKey & { chatKey: ChatKey }, textHash: string): Promise<boolean> {
    const limits = this.#limits(chat.org)
    if (!limits) return false
    const others = await countSameText(transaction, chat, { hash: textHash, since: Date.now() - HOUR_MS })
    return others >= limits.same_text_recipients
  }

  /** Until when the account may not write to people first, because WhatsApp refused messages as unwanted; null if it may. */
  async stoppedUntil(key: AccountKey): Promise<number | null> {
    const now = Date.now()
    if (!this.#limits(key.org)) return null
    const until = unwantedStop(await listUnwanted(this.#store.connection, key, now - LOOK_BACK_MS))
    return until > now ? until : null
  }

  /** The account's current standing, and what it has sent within the longest time that any rule looks back. */
  async record(key: AccountKey): Promise<SendRecord> {
    const limits = this.#limits(key.org)
    if (!limits) return { past: [], standing: null }
    const { connection } = this.#store
    const now = Date.now()
    const since = now - LOOK_BACK_MS
    const past = await listPastSends(connection, key, since)
    const unwanted = await listUnwanted(connection, key, since)
    const allowance = await findAllowance(connection, key)
    const { linkedAt = now, bannedUntil = null } = allowance ?? {}
    const lockedUntil = await findTimeLock(connection, key)
    return { past, standing: { limits, now, linkedAt, unwanted, bannedUntil, lockedUntil } }
  }
}

/** The earliest time for a send by its account's record; null if it can never be sent. */
export function soonest(send: StoredSend, { past, standing }: SendRecord): number | null {
  if (!standing) return send.acceptedAt
  const at = Math.max(send.acceptedAt, earliestAt(send, past, standing))
  return Number.isFinite(at) ? at : null
}
