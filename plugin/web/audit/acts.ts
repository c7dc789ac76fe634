import type { AuditEntry } from './entry.ts'

/** An entry about a decision or effect, with the entry of the API call that caused it, or null. */
export type Act = { readonly entry: AuditEntry; readonly call: AuditEntry | null }

type Told = Pick<AuditEntry, 'action' | 'user_id' | 'category' | 'decision' | 'resource' | 'context'>

/** Whether an entry is about a policy's decision on an API call. The effect of an allowed call has an entry of its own. */
const isCall = ({ category, resource }: Told): boolean =>
  category === 'policy' && typeof resource['procedure'] === 'string'

/**
 * The values that the entries of a call and of its effect share. For decisions within a turn, the resource names the request beside
 * the turn.
 */
const keyOf = ({ action, user_id: user, resource, context }: Told): string =>
  JSON.stringify([resource['request'] ?? context.request_id, action, user])

/**
 * The entries, newest first, with each call attached to the entry of its effect. One connection may repeat a call: an effect
 * belongs to the latest earlier call without an effect.
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
