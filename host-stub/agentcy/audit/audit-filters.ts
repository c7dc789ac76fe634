import { z } from 'zod'

import { isEntryId } from './audit-entry.ts'

/** Filters of entries; an entry must match all of them. A null filter matches everything. */
export type AuditFilters = {
  readonly decision: 'allow' | 'deny' | null
  readonly action: string | null
  readonly connector: string | null
  readonly tool: string | null
  readonly userId: string | null
  readonly apiKeyId: string | null
  /** Only entries at or after this instant. */
  readonly sinceAt: number | null
  /** Only entries before this instant. */
  readonly untilAt: number | null
}

/** Which entries are requested, newest first. */
export type AuditQuestion = {
  readonly filters: AuditFilters
  /** Null: no limit. */
  readonly limit: number | null
  /** Only entries older than the one with this id; null starts with the newest. */
  readonly before: string | null
}

const MOST_ENTRIES = 1_000
/** An unknown parameter is repeated in the error only if it looks like a parameter name. */
const NAME = /^[a-z][a-z0-9_.]{0,31}$/i

const word = z.string().min(1, 'must not be empty').max(256, 'must be of 256 characters at most')
const instant = z.iso
  .datetime({
    offset: true,
    error: 'must be an instant of RFC 3339, as 2026-04-24T12:00:00Z, with %2B for the + of an offset',
  })
  .transform(text => Date.parse(text))
const aNumber = `must be a whole number from 1 to ${MOST_ENTRIES}`

const PARAMETERS = z.strictObject({
  decision: z.enum(['allow', 'deny'], 'must be allow or deny').optional(),
  action: word.optional(),
  connector: word.optional(),
  'resource.tool': word.optional(),
  user_id: word.optional(),
  api_key_id: word.optional(),
  since: instant.optional(),
  until: instant.optional(),
  limit: z
    .string()
    .regex(/^[0-9]{1,4}$/, aNumber)
    .transform(Number)
    .pipe(z.int().min(1, aNumber).max(MOST_ENTRIES, aNumber))
    .optional(),
  before: z.string().refine(isEntryId, 'must be the id of an entry, as aud_…').optional(),
})

const named = (name: string): string => (NAME.test(name) ? `"${name}"` : 'a parameter')

function sentenceOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue?.code !== 'unrecognized_keys') return `"${String(issue?.path[0])}" ${issue?.message ?? 'is wrong'}.`
  const known = Object.keys(PARAMETERS.shape).join(', ')
  return `This call does not take ${issue.keys.map(named).join(', ')}. It takes ${known}.`
}

/** Parses the query of a request. Returns a sentence for a person if it is invalid. */
export function questionFrom(query: URLSearchParams): AuditQuestion | string {
  const names = [...query.keys()]
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) return `This call takes ${named(twice)} once.`
  const read = PARAMETERS.safeParse(Object.fromEntries(query))
  if (!read.success) return sentenceOf(read.error.issues[0])
  const { decision, action, connector, since, until, user_id, api_key_id, limit, before } = read.data
  const filters: AuditFilters = {
    decision: decision ?? null,
    action: action ?? null,
    connector: connector ?? null,
    tool: read.data['resource.tool'] ?? null,
    userId: user_id ?? null,
    apiKeyId: api_key_id ?? null,
    sinceAt: since ?? null,
    untilAt: until ?? null,
  }
  return { filters, limit: limit ?? null, before: before ?? null }
}
