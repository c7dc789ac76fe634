import { z } from 'zod'

import { withoutNul } from './fields.ts'

const SENDERS_MOST = 200

/** The body of `POST /channels/whatsapp/messages/senders`: ids of messages, each of which may be one of nobody's. */
export const messageSendersRequest = z.strictObject({
  ids: z.array(z.string().min(1).max(64).refine(withoutNul)).min(1).max(SENDERS_MOST),
})
/** Who wrote one of them, and where. */
export const senderSchema = z.object({
  id: z.string(),
  address: z.string(),
  name: z.string().nullable().meta({ description: 'What they call themselves, which may be anything' }),
  group: z.string().nullable().meta({ description: 'Where they wrote it; null: directly' }),
  group_subject: z.string().nullable().meta({
    description: 'What the group was called then, its members’ word; null when that is not known',
  }),
})
/** The answer to it: those messages of the org that are kept. */
export const messageSendersResponse = z.object({ senders: z.array(senderSchema) })

/** Who wrote a message in TypeScript. */
export type WireSender = z.infer<typeof senderSchema>
