import type { AuditCategory, AuditFields } from '../contract/audit.ts'
import type { ProcedurePath } from './role-table.ts'

/** The calls whose effect is told to the audit log once they have had it. */
export const AUDITED_EFFECTS: Partial<Record<ProcedurePath, AuditCategory>> = {
  'channels.reload': 'channel',
  'whatsapp.configure': 'channel',
  'whatsapp.unpair': 'channel',
  'whatsapp.test': 'channel',
  'whatsapp.code.start': 'channel',
  'whatsapp.passkey.answer': 'channel',
  'whatsapp.passkey.confirm': 'channel',
  'whatsapp.qr.start': 'channel',
  'whatsapp.messages.fetchFile': 'channel',
  'takeovers.begin': 'chat',
  'takeovers.end': 'chat',
  'loops.end': 'chat',
  'turns.retry': 'chat',
  'policies.put': 'policy',
  'policies.delete': 'policy',
  'bindings.create': 'channel',
  'bindings.update': 'channel',
  'bindings.reorder': 'channel',
  'bindings.replay': 'channel',
  'bindings.delete': 'channel',
}

/** What an answer names that was acted on: ids and names, never what people wrote. */
const NAMED = ['id', 'name', 'account', 'agent', 'session_id', 'binding_id', 'version', 'unlinked'] as const

export function resourceOf(answer: unknown): AuditFields {
  if (typeof answer !== 'object' || answer === null) return { channel: 'whatsapp' }
  const named = NAMED.flatMap(key => {
    const value = (answer as Readonly<Record<string, unknown>>)[key]
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[key, value]] : []
  })
  return { channel: 'whatsapp', ...(Object.fromEntries(named) as AuditFields) }
}
