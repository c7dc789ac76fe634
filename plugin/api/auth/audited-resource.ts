import type { AuditFields } from '../../contract/audit.ts'

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
