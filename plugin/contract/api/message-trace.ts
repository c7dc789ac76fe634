/** What happened to an inbound message. */
import { z } from 'zod'

import { instant, withoutNul } from './fields.ts'
import { sendStatusResponse } from './sends.ts'
import { turnSchema } from './turns.ts'
import type { OrgId } from '../ids.ts'

/** The path of `GET /channels/whatsapp/messages/:id/course`: an inbound message. */
export const courseRequest = z.strictObject({ id: z.string().min(1).max(64).refine(withoutNul) })

/** The call of a step and its result, in the words of agents, tools and people; they may contain what a stranger wrote. */
export const calledSchema = z.object({
  arguments: z.string().nullable().meta({
    description:
      'What it was called with, as JSON; of more than 1,000 characters the first. Null where nobody was asked',
  }),
  result: z.string().nullable().meta({
    description:
      'What it answered, as JSON; of more than 500 characters the first. Null while it has not, and once it is forgotten',
  }),
  note: z.string().nullable().meta({ description: 'What the person who decided wrote' }),
  decided_by: z
    .object({
      user_id: z.string(),
      approver: z.string().nullable().meta({ description: 'The address of an approver who decided in their chat' }),
      you: z.boolean().meta({ description: 'Whether that is who asks' }),
    })
    .nullable()
    .meta({ description: 'Null while nobody has, and where nobody was asked' }),
})

/**
 * One step of a turn: a tool call, or an agent's request to its model. Its arguments and its result are in `called`. A repeated
 * attempt goes through the same steps; this shows the last result of each.
 */
export const courseStepSchema = z.object({
  number: z.int().meta({ description: 'Its place in the turn, from 1' }),
  tool: z.string().meta({ description: '"?" where what was called is no name of a tool' }),
  effect: z
    .enum(['read', 'write', 'destructive', 'unknown'])
    .meta({ description: '"unknown" where the call names no effect that there is; it is refused' }),
  status: z.enum(['awaiting_approval', 'started', 'done', 'refused', 'skipped']).meta({
    description: '"started": begun, and not known to be done; "skipped": a person had it passed over',
  }),
  decision: z.enum(['allow', 'deny', 'approval_required']).nullable().meta({
    description:
      'What the policies said to the call as it is; with "approval_required" a "done" one was approved. Null for steps from before this was kept',
  }),
  reason: z.string().nullable().meta({
    description:
      'Why it takes an approval or was refused, in the words of the org’s own policies or of the channel; no text of a message and no note of an approver is in it',
  }),
  called: calledSchema.nullable().meta({ description: 'For an admin; null for everybody else' }),
})

/** One reply of a turn, without its text. */
export const courseReplySchema = z.object({
  message_id: z.string(),
  send_id: z.string(),
  status: sendStatusResponse.shape.status,
  rejected_code: z.int().nullable().meta({ description: 'WhatsApp’s, when it refused the reply' }),
  rejected_reason: sendStatusResponse.shape.reason,
  rejected_detail: sendStatusResponse.shape.detail,
  accepted_at: instant,
  sent_at: instant
    .nullable()
    .meta({ description: 'When WhatsApp’s server acknowledged it, or a receipt did so first' }),
  delivered_at: instant.nullable().meta({ description: 'When a receipt first said so, or that it was read' }),
  read_at: instant.nullable(),
  earliest_at: instant
    .nullable()
    .meta({ description: 'While it waits for its place: not before this. Null once it went out or ended' }),
  waits_for: sendStatusResponse.shape.waits_for,
})

/**
 * What happened to an inbound message: the turn that a binding started for it, the turn's steps in order, and the replies. The
 * times of a reply are null if the event has not happened, and once it is 30 days ago. Only `called` contains text.
 */
export const courseResponse = z.object({
  message_id: z.string(),
  turn: turnSchema.nullable().meta({ description: 'Null when no agent was asked about it' }),
  steps: z.array(courseStepSchema),
  replies: z.array(courseReplySchema),
  hops: z
    .object({
      received_at: instant.meta({ description: 'When the gateway had it' }),
      turn_queued_at: instant.nullable().meta({ description: 'When a binding had taken it and it was stored' }),
      turn_ended_at: instant.nullable(),
      first_reply_sent_at: instant.nullable().meta({ description: 'The first "sent_at" among its replies' }),
    })
    .meta({ description: 'When it passed each part of the channel; null where it has not' }),
})

/** A course in TypeScript. */
export type WireCourse = z.infer<typeof courseResponse>
export type WireCourseStep = z.infer<typeof courseStepSchema>
export type WireCalled = z.infer<typeof calledSchema>
export type WireCourseReply = z.infer<typeof courseReplySchema>

/** What happened to inbound messages. */
export type TraceOperations = {
  /** The course of one message. Error: `not_found`, also for a message that we sent. */
  of(org: OrgId, id: string): Promise<WireCourse>
}
