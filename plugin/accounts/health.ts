import type { WireHealth } from '../contract/api/channels.ts'
import { isUp, type ConnectionState } from '../contract/connection.ts'
import type { AccountKey } from '../contract/ids.ts'
import { DAY_MS } from '../base/durations.ts'
import { listUnwanted, UNWANTED } from '../store/sends/send-history.ts'
import type { Connection } from '../store/sql/connection.ts'
import { type HeldBack, lastWord } from '../store/sends/account-health.ts'

/** What is known about a connection: its state, since when, and when WhatsApp was last heard on it. ms UTC */
export type LineEvidence = {
  readonly state: ConnectionState
  readonly changedAt: number | null
  readonly heardAt: number | null
}

/** Everything an account's health is derived from, beside its own sends. */
export type Evidence = LineEvidence & HeldBack

/**
 * A connection on which nothing is heard is given up within 39 s (gateway-protocol.ts). Evidence older than this means that nobody
 * has reported on the connection.
 */
const FRESH_MS = 60_000

const LOST: ReadonlySet<ConnectionState['status']> = new Set(['waiting', 'degraded', 'stopped'])

const instant = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

/** Whether the connection is alive, by the newest evidence. */
function transportOf({ state, changedAt, heardAt }: LineEvidence): WireHealth['transport'] {
  if (LOST.has(state.status) && !isUp(state)) return { status: 'down', evidence_at: instant(changedAt) }
  if (!isUp(state)) return { status: 'unknown', evidence_at: instant(heardAt) }
  const now = Date.now()
  // The clock may have been set back, so times in the future prove nothing.
  const past = [changedAt ?? 0, heardAt ?? 0].filter(at => at > 0 && at <= now)
  const at = past.length > 0 ? Math.max(...past) : null
  return { status: at !== null && now - at <= FRESH_MS ? 'up' : 'unknown', evidence_at: instant(at) }
}

type Admission = WireHealth['admission']

/** A ban of the whole number that holds now; null if there is none. */
function banOf({ bannedUntil, bannedAt, state, changedAt }: Evidence): Admission | null {
  if (state.status === 'stopped' && (state.reason === 'locked' || state.reason === 'banned'))
    return { status: 'refused', reason: state.reason, evidence_at: instant(changedAt) }
  if (bannedUntil === null || bannedUntil <= Date.now()) return null
  return { status: 'refused', reason: 'temporary_ban', evidence_at: instant(bannedAt) }
}

/**
 * Whether WhatsApp accepts the account's messages, by its last answer. Limits on writing to strangers hold longer than one answer.
 */
async function admissionOf(connection: Connection, key: AccountKey, evidence: Evidence): Promise<Admission> {
  const ban = banOf(evidence)
  if (ban) return ban
  const [now, { lockedUntil, lockedAt }] = [Date.now(), evidence]
  const word = await lastWord(connection, key)
  if (word && word.refusedAs !== null && word.refusedAs !== UNWANTED)
    return { status: 'refused', reason: `rejected: ${word.refusedAs}`, evidence_at: instant(word.at) }
  if (lockedUntil !== null && lockedUntil > now)
    return { status: 'limited', reason: 'new_chats_locked', evidence_at: instant(lockedAt) }
  if (!word) return { status: 'unknown', reason: null, evidence_at: null }
  const unwantedAt = word.refusedAs === null ? (await listUnwanted(connection, key, now - DAY_MS)).at(-1) : word.at
  if (unwantedAt !== undefined)
    return { status: 'limited', reason: `rejected: ${UNWANTED}`, evidence_at: instant(unwantedAt) }
  return { status: 'open', reason: null, evidence_at: instant(word.at) }
}

/** The health of an account: its connection, and separately whether WhatsApp accepts its messages. */
export const healthOf = async (connection: Connection, key: AccountKey, evidence: Evidence): Promise<WireHealth> => ({
  transport: transportOf(evidence),
  admission: await admissionOf(connection, key, evidence),
})
