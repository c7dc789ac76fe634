import type { AuditEntry } from './entry.ts'

/** What was decided or done, and the call through the API that asked for it, where one did. */
export type Act = { readonly entry: AuditEntry; readonly call: AuditEntry | null }

type Told = Pick<AuditEntry, 'action' | 'user_id' | 'category' | 'decision' | 'resource' | 'context'>

/** What policies say of a call. What comes of one that they allow is told by an entry of its own. */
const isCall = ({ category, resource }: Told): boolean =>
  category === 'policy' && typeof resource['procedure'] === 'string'

/** What a call and what came of it have in common. Who decides within a turn names the call beside the turn. */
const keyOf = ({ action, user_id: user, resource, context }: Told): string =>
  JSON.stringify([resource['request'] ?? context.request_id, action, user])

/**
 * The entries, newest first, with each call beside what came of it. One connection may make the same call again and again: what is told
 * belongs to the last one before it of which nothing was told yet.
 */
export function actsOf(entries: readonly AuditEntry[]): Act[] {
  const waiting = new Map<string, AuditEntry[]>()
  const callOf = new Map<AuditEntry, AuditEntry>()
  for (const entry of entries.toReversed()) {
    const key = keyOf(entry)
    const calls = waiting.get(key) ?? []
    waiting.set(key, calls)
    const call = isCall(entry) ? undefined : calls.pop()
    if (call) callOf.set(entry, call)
    else if (isCall(entry) && entry.decision === 'allow') calls.push(entry)
  }
  const shownBeside = new Set(callOf.values())
  return entries.filter(entry => !shownBeside.has(entry)).map(entry => ({ entry, call: callOf.get(entry) ?? null }))
}
