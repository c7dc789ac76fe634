import { z } from 'zod'

import { accountFilter, instant, limitSchema, withoutNul } from './fields.ts'
import type { OrgId } from '../ids.ts'
import type { ListedTurn, StepDecision, TurnPage } from '../turn.ts'

/** One turn; contains no text. */
export const turnSchema = z.object({
  id: z.string(),
  account: z.string(),
  message_id: z.string(),
  agent: z.string(),
  status: z.enum([
    'queued',
    'running',
    'awaiting_approval',
    'answered',
    'no_reply',
    'needs_operator',
    'dead_letter',
    'cancelled',
  ]),
  code: z.string().nullable().meta({ description: 'Why its last attempt failed, or a person is needed' }),
  failure: z.string().nullable().meta({
    description:
      'What the agent’s last attempt failed with: the class and the first line of what it threw, without numbers, queries and whatever repeats what was written; null for roles below admin, and when it did not fail so',
  }),
  attempt: z.int(),
  began_at: instant.nullable().meta({ description: 'When its last attempt began' }),
  deadline_at: instant.nullable().meta({ description: 'When the attempt that runs is ended at the latest' }),
  step: z
    .object({ number: z.int(), tool: z.string() })
    .nullable()
    .meta({ description: 'The step of unknown outcome that a person has to decide about' }),
  pieces: z.int().meta({
    description: 'How many messages it is about; `message_id` is the one under which the others are `gathered_in`',
  }),
  waits_for: z.enum(['backlog', 'more']).nullable().meta({
    description:
      'What a queued turn waits for, until `next_at` at the latest; `backlog`: all that waited at WhatsApp for its account; `more`: what else its sender says, or the rest of an album',
  }),
  queued_at: instant,
  next_at: instant.nullable(),
  ended_at: instant.nullable(),
})
/** The query of `GET /turns`: newest first; with `before` only the turns before that one. */
export const turnListRequest = z.strictObject({
  account: accountFilter,
  status: turnSchema.shape.status.optional(),
  limit: limitSchema,
  before: z.string().min(1).max(64).refine(withoutNul).optional(),
})
/** The response to it. */
export const turnListResponse = z.object({ turns: z.array(turnSchema) })
/** The body of `POST /turns/:id/retry`. */
export const turnRetryBody = z.strictObject({
  step: z
    .enum(['repeat', 'skip'])
    .default('repeat')
    .meta({ description: 'What to do about a step of unknown outcome: make it again, or pass over it' }),
})
/** The path of `POST /turns/:id/retry` and `POST /turns/:id/cancel`, and the input of `turns.cancel`. */
export const turnPath = z.strictObject({ id: z.string().min(1).max(64).refine(withoutNul) })
/** The input of `turns.retry`: path and body. */
export const turnRetryRequest = turnPath.extend(turnRetryBody.shape)

/** A turn in TypeScript. */
export type WireTurn = z.infer<typeof turnSchema>

/** Turns of agents. */
export type TurnOperations = {
  /** Newest first. Error: `not_found` for an unknown `before`. */
  list(org: OrgId, page: TurnPage): Promise<ListedTurn[]>
  /**
   * Continues a turn that waits for a person, after its recorded steps and with the person's decision about the step that it
   * waits at. Errors: `not_found`, `turn_not_waiting`.
   */
  retry(org: OrgId, id: string, decision: StepDecision): Promise<ListedTurn>
  /** Ends an open turn; messages that it has already sent are not taken back. Errors: `not_found`, `turn_over`. */
  cancel(org: OrgId, id: string): Promise<ListedTurn>
}

/** Changes of turns. */
export type TurnFeedOperations = {
  /** Yields a turn each time its status changes, from now on; for each turn a slow reader skips to the newest. */
  watch(org: OrgId, signal: AbortSignal): AsyncIterable<ListedTurn>
}
