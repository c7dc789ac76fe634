import { z } from 'zod'

import { withoutNul } from './fields.ts'

const SENDERS_MOST = 200

/** The body of `POST /channels/whatsapp/messages/senders`: ids of messages; unknown ones are allowed. */
export const messageSendersRequest = z.strictObject({
  ids: z.array(z.string().min(1).max(64).refine(withoutNul)).min(1).max(SENDERS_MOST),
})
/** The sender of one message, and where they wrote it. */
export const senderSchema = z.object({
  id: z.string(),
  address: z.string(),
  name: z.string().nullable().meta({ description: 'What they call themselves, which may be anything' }),
  group: z.string().nullable().meta({ description: 'Where they wrote it; null: directly' }),
  group_subject: z.string().nullable().meta({
    description: 'What the group was called then, its members’ word; null when that is not known',
  }),
})
/** The response to it: the messages that the org has stored. */
export const messageSendersResponse = z.object({ senders: z.array(senderSchema) })

/** The sender of a message in TypeScript. */
export type WireSender = z.infer<typeof senderSchema>
