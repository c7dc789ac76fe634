/** Which messages which agent answers. */
import { z } from 'zod'

import { addressSchema, instant, text, withoutNul } from './api-fields.ts'

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
  chat_type: z.enum(['direct', 'group']).optional(),
}

/** The keys of a match rule; all optional, AND-ed. `phone` and `user` are other names of `from`. */
export const matchRuleSchema = z
  .strictObject({ ...ruleKeys, phone: personInRule(), user: personInRule() })
  .refine(({ from, phone, user }) => [from, phone, user].filter(each => each !== undefined).length <= 1, {
    message: 'give one of "from", "phone" and "user": they are names of the same',
  })

const enabled = z.boolean().meta({ description: 'A binding that is not is passed over' })
const bindingId = z.string().min(1).max(64).refine(withoutNul)
const versionSeen = z
  .int()
  .positive()
  .optional()
  .meta({ description: 'What is changed is this version; another one by now is a conflict. Also as If-Match' })

/** The body of `POST /bindings`. */
export const bindingCreateRequest = z.strictObject({
  agent: text(128),
  match_rule: matchRuleSchema,
  enabled: enabled.default(true),
})
/** One binding. */
export const bindingSchema = z.object({
  id: z.string(),
  agent: z.string(),
  match_rule: z.strictObject(ruleKeys),
  position: z.int(),
  enabled,
  version: z.int().meta({ description: 'Raised with each change of it' }),
  created_at: instant,
})
/** The answer to `POST /bindings`. */
export const bindingCreateResponse = bindingSchema.extend({
  warning: z.string().optional().meta({ description: 'What the rule does that may not be meant; mostly missing' }),
})
/** The query of `GET /bindings`. */
export const bindingListRequest = z.strictObject({ channel: z.literal('whatsapp').optional() })
/** The answer to `GET /bindings`, in the order in which they are asked. */
export const bindingListResponse = z.object({ bindings: z.array(bindingSchema) })
/** The path of `GET /bindings/:id`. */
export const bindingRequest = z.strictObject({ id: bindingId })
/** The path of `PATCH /bindings/:id`. */
export const bindingUpdatePath = z.strictObject({ id: bindingId })
/** Its body: what is to be another; what is left out stays. */
export const bindingUpdateBody = z.strictObject({
  agent: text(128).optional(),
  match_rule: matchRuleSchema.optional(),
  enabled: enabled.optional(),
  version: versionSeen,
})
/** The input of `bindings.update`: both. */
export const bindingUpdateRequest = bindingUpdatePath.extend(bindingUpdateBody.shape)
/** The body of `POST /bindings/reorder`: all of them, in the order in which they are to be asked. */
export const bindingReorderRequest = z.strictObject({
  order: z
    .array(bindingId)
    .max(10_000)
    .refine(ids => new Set(ids).size === ids.length, { message: 'must differ from each other' }),
})
/** The path of `DELETE /bindings/:id`. */
export const bindingDeleteRequest = z.strictObject({ id: bindingId })
/** The answer to it. */
export const bindingDeleteResponse = z.object({ status: z.literal('deleted'), id: z.string() })

/** What a binding is in TypeScript. */
export type WireBinding = z.infer<typeof bindingSchema>
export type CreatedBinding = z.infer<typeof bindingCreateResponse>
export type BindingCreateRequest = z.infer<typeof bindingCreateRequest>
export type BindingUpdate = z.infer<typeof bindingUpdateBody>
