/** Bindings: which agent answers which messages. */
import { z } from 'zod'

import { accountSchema, addressSchema, instant, text, withoutNul } from './fields.ts'
import type { OrgId } from '../ids.ts'

const personInRule = () =>
  addressSchema.optional().refine(value => value === undefined || !value.endsWith('@g.us'), {
    message: 'names a person, not a group: use "group"',
  })

const ruleKeys = {
  channel: z.literal('whatsapp').optional(),
  group: addressSchema.optional(),
  from: personInRule(),
  to: addressSchema.optional().refine(value => value === undefined || !value.endsWith('@g.us'), {
    message: 'names a linked number, not a group',
  }),
  text_regex: text(512).optional().meta({ description: 'RE2 syntax, searched in the text' }),
  mentioned: z.boolean().optional().meta({ description: 'Whether the linked number is mentioned, or answered' }),
  forwarded: z
    .literal(true, { error: 'can only be true: that a message does not say that it is forwarded proves nothing' })
    .optional()
    .meta({
      description:
        'Its sender says that it is forwarded. It cannot be asked for what is not: anybody can keep that to themselves',
    }),
  chat_type: z.enum(['direct', 'group']).optional(),
}

/** The keys of a match rule; all are optional, and all given ones must match. `phone` and `user` are other names of `from`. */
export const matchRuleSchema = z
  .strictObject({ ...ruleKeys, phone: personInRule(), user: personInRule() })
  .refine(({ from, phone, user }) => [from, phone, user].filter(each => each !== undefined).length <= 1, {
    message: 'give one of "from", "phone" and "user": they are names of the same',
  })

const enabled = z.boolean().meta({ description: 'A binding that is not is passed over' })
const conversation = z.enum(['chat', 'participant']).meta({
  description:
    'Whose earlier messages the agent is handed in a group: those of all, "chat", or of each participant alone',
})
const bindingId = z.string().min(1).max(64).refine(withoutNul)
const versionSeen = z
  .int()
  .positive()
  .optional()
  .meta({ description: 'What is changed is this version; another one by now is a conflict. Also as If-Match' })

/** The keys in which a rule names a person. */
const named = z.enum(['from', 'group', 'to'])

/** The body of `POST /bindings`. */
export const bindingCreateRequest = z.strictObject({
  agent: text(128),
  match_rule: matchRuleSchema,
  enabled: enabled.default(true),
  conversation: conversation.optional(),
})
/** One binding. */
export const bindingSchema = z.object({
  id: z.string(),
  agent: z.string(),
  match_rule: z.strictObject(ruleKeys),
  spelled: z
    .object({ from: z.string().optional(), group: z.string().optional(), to: z.string().optional() })
    .optional()
    .meta({
      description:
        'The numbers that WhatsApp has for those that the rule names, where they are spelled otherwise: the rule takes both. Missing when none is',
    }),
  not_known_yet: z.array(named).optional().meta({
    description:
      'Where the rule names a number of which WhatsApp has not answered yet how it is spelled: it takes who has exactly that one. WhatsApp is asked when a line is up. Missing when there is none',
  }),
  not_on_whatsapp: z.array(named).optional().meta({
    description: 'Where the rule names a number that is not on WhatsApp. Missing when there is none',
  }),
  conversation,
  position: z.int(),
  enabled,
  version: z.int().meta({ description: 'Raised with each change of it' }),
  suspended_at: instant.optional().meta({
    description:
      'Since when its pattern is not searched any more, because that had to be stopped for three senders within an hour: what it may take is "unmatched: rule_too_slow". Until it is saved again; missing when it is not',
  }),
  created_at: instant,
})
/** The response to `POST /bindings`. */
export const bindingCreateResponse = bindingSchema.extend({
  warning: z.string().optional().meta({
    description:
      'What may not be meant: the rule takes everything, or another binding that is asked before takes all that this one would. Mostly missing',
  }),
})
/** The query of `GET /bindings`. */
export const bindingListRequest = z.strictObject({ channel: z.literal('whatsapp').optional() })
/** The response to `GET /bindings`, in the order in which the bindings are evaluated. */
export const bindingListResponse = z.object({ bindings: z.array(bindingSchema) })
/** The path of `GET`, `PATCH` and `DELETE /bindings/:id`. */
export const bindingRequest = z.strictObject({ id: bindingId })
/** The body of `PATCH /bindings/:id`: the fields to change; missing fields stay as they are. */
export const bindingUpdateBody = z.strictObject({
  agent: text(128).optional(),
  match_rule: matchRuleSchema.optional(),
  enabled: enabled.optional(),
  conversation: conversation.optional(),
  version: versionSeen,
})
/** The input of `bindings.update`: path and body. */
export const bindingUpdateRequest = bindingRequest.extend(bindingUpdateBody.shape)
/** The body of `POST /bindings/reorder`: all bindings, in the order in which they are to be evaluated. */
export const bindingReorderRequest = z.strictObject({
  order: z
    .array(bindingId)
    .max(10_000)
    .refine(ids => new Set(ids).size === ids.length, { message: 'must differ from each other' }),
})
/** The response to it, with a `warning` at each binding that no message reaches. */
export const bindingReorderResponse = z.object({ bindings: z.array(bindingCreateResponse) })
/** The response to `DELETE /bindings/:id`. */
export const bindingDeleteResponse = z.object({ status: z.literal('deleted'), id: z.string() })

const messageId = z.string().min(1).max(64).refine(withoutNul)
const person = addressSchema.refine(value => !value.endsWith('@g.us'), { message: 'names a person, not a group' })

/** The body of `POST /bindings/explain`: a stored message, or a hypothetical one. */
export const bindingExplainRequest = z
  .strictObject({
    message_id: messageId.optional(),
    message: z
      .strictObject({
        account: accountSchema,
        from: person,
        to: person.optional().meta({ description: 'The linked number, unless another is named' }),
        group: addressSchema
          .refine(value => value.endsWith('@g.us'), { message: 'names a group' })
          .optional()
          .meta({ description: 'Where it is written; a direct chat when left out' }),
        text: z.string().max(65_536).refine(withoutNul).default(''),
        mentioned: z.boolean().default(false),
        forwarded: z.boolean().optional(),
      })
      .optional(),
  })
  .refine(({ message_id, message }) => (message_id === undefined) !== (message === undefined), {
    message: 'give exactly one of "message_id", "message"',
  })
/** Who answers a message by the current bindings, and why: every binding, in the order of evaluation. */
export const bindingExplainResponse = z.object({
  outcome: z.enum(['matched', 'unmatched', 'ignored']),
  reason: z.string().nullable().meta({ description: 'Why nobody answers; null when somebody does' }),
  binding_id: z.string().nullable(),
  bindings: z.array(
    z.object({
      id: z.string(),
      agent: z.string(),
      position: z.int(),
      verdict: z.enum(['holds', 'fails', 'undecided', 'too_slow', 'disabled']).meta({
        description:
          '"undecided": it names an address that is not known of that person yet. "too_slow": its pattern takes too long to be searched in this text, or it is suspended',
      }),
      clauses: z.array(
        z.object({
          key: z.enum(['group', 'from', 'to', 'text_regex', 'mentioned', 'forwarded', 'chat_type']),
          wanted: z.string(),
          found: z.string().nullable().meta({ description: 'What it was compared with' }),
          held: z.enum(['yes', 'no', 'unknown', 'too_slow']),
        }),
      ),
    }),
  ),
})
/** The body of `POST /bindings/replay`: evaluates the bindings again for a message that nobody answered. */
export const bindingReplayRequest = z.strictObject({ message_id: messageId })
/** The new outcome of the message. */
export const bindingReplayResponse = z.object({ outcome: z.string(), binding_id: z.string().nullable() })

/** A binding in TypeScript. */
export type WireBinding = z.infer<typeof bindingSchema>
export type CreatedBinding = z.infer<typeof bindingCreateResponse>
export type BindingCreateRequest = z.infer<typeof bindingCreateRequest>
export type BindingUpdate = z.infer<typeof bindingUpdateBody>
export type BindingExplainRequest = z.infer<typeof bindingExplainRequest>
export type WireExplanation = z.infer<typeof bindingExplainResponse>

/** Bindings: which agent answers which messages. */
export type BindingOperations = {
  list(org: OrgId): Promise<WireBinding[]>
  /**
   * Errors: `unknown_agent`, `too_many_kept`; `bad_request` for a `text_regex` that RE2 cannot run, `patterns_not_searched` if
   * that cannot be checked now.
   */
  create(org: OrgId, request: BindingCreateRequest): Promise<CreatedBinding>
  /** Error: `not_found`. */
  find(org: OrgId, id: string): Promise<WireBinding>
  /** Errors: `not_found`, `unknown_agent`, `bad_request` as above; `binding_changed` if the binding has another version by now. */
  update(org: OrgId, id: string, update: BindingUpdate): Promise<CreatedBinding>
  /** The bindings are evaluated in this order from now on. Error: `binding_changed` if these are not all of them. */
  reorder(org: OrgId, order: readonly string[]): Promise<CreatedBinding[]>
  /** Error: `not_found`. */
  delete(org: OrgId, id: string): Promise<void>
}

/** Who answers a message, and why. */
export type ExplanationOperations = {
  /** Who would answer a message by the current bindings, and why; changes nothing. Errors: `not_found`, `patterns_not_searched`. */
  of(org: OrgId, request: BindingExplainRequest): Promise<WireExplanation>
  /** Why an inbound message was answered or not, at the time of that decision. Errors: `not_found`, `patterns_not_searched`. */
  trace(org: OrgId, id: string): Promise<WireExplanation>
}

/** Messages that nobody answered. */
export type InboxOperations = {
  /** Evaluates the bindings again for one of them. Errors: `not_found`, `message_not_unmatched`, `patterns_not_searched`. */
  replay(org: OrgId, id: string): Promise<{ readonly outcome: string; readonly bindingId: string | null }>
}
