/** The groups that a linked number is in. */
import { z } from 'zod'

import { accountRequest, addressSchema } from './fields.ts'
import type { AccountKey, GroupId } from '../ids.ts'

/** The path of `GET /channels/whatsapp/groups/:id`. */
export const groupPath = z.strictObject({
  id: addressSchema.refine(value => value.endsWith('@g.us'), { message: 'must be a group as <digits>@g.us' }),
})
/** The input of `whatsapp.groups.get`: the group, and the account whose group it is. */
export const groupRequest = groupPath.extend(accountRequest.shape)
const summary = { id: z.string(), subject: z.string(), size: z.int() }
/** The response to `GET /channels/whatsapp/groups`. */
export const groupListResponse = z.object({ groups: z.array(z.object(summary)) })
/** The response to `GET /channels/whatsapp/groups/:id`: the members, by both addresses where WhatsApp reveals them. */
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

/** The groups that a linked number is in. */
export type GroupOperations = {
  /** All of them. Errors: `channel_not_configured`, `not_paired`, `gateway_unreachable`, `account_stopped`. */
  list(key: AccountKey): Promise<WireGroupSummary[]>
  /** A group with its members; WhatsApp is asked at most every five minutes. Errors: as above, and `not_found`. */
  find(key: AccountKey, id: GroupId): Promise<WireGroup>
}
