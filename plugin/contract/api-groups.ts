/** The groups that the linked number is in. */
import { z } from 'zod'

import { addressSchema } from './api-fields.ts'

/** The path of `GET /channels/whatsapp/groups/:id`. */
export const groupRequest = z.strictObject({
  id: addressSchema.refine(value => value.endsWith('@g.us'), { message: 'must be a group as <digits>@g.us' }),
})
const summary = { id: z.string(), subject: z.string(), size: z.int() }
/** The answer to `GET /channels/whatsapp/groups`. */
export const groupListResponse = z.object({ groups: z.array(z.object(summary)) })
/** The answer to `GET /channels/whatsapp/groups/:id`: who is in it, by both addresses where WhatsApp tells them. */
export const groupSchema = z.object({
  ...summary,
  description: z.string(),
  members: z.array(
    z.object({
      address: z.string().meta({ description: 'The phone number when it is known, else lid:<digits>' }),
      phone: z.string().nullable(),
      lid: z.string().nullable(),
      admin: z.boolean(),
    }),
  ),
})

/** A group in TypeScript. */
export type WireGroup = z.infer<typeof groupSchema>
export type WireGroupSummary = z.infer<typeof groupListResponse>['groups'][number]
