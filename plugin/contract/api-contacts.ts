/** Who is on WhatsApp. */
import { z } from 'zod'

import { accountSchema, instant, phoneSchema } from './api-fields.ts'
import { NUMBERS_MOST } from './contact.ts'

/** The body of `POST /contacts/check`. */
export const contactCheckRequest = z.strictObject({
  account: accountSchema,
  numbers: z.array(phoneSchema).min(1).max(NUMBERS_MOST).meta({
    description:
      'One to ten. WhatsApp is asked for those of whom nothing is known, 20 an hour and 50 a day for an account: many lookups are what spammers are known by',
  }),
})
/** One number of the answer. */
export const contactSchema = z.object({
  number: z.string(),
  exists: z.boolean().meta({ description: 'Whether it is on WhatsApp' }),
  address: z.string().nullable().meta({
    description: 'The number that WhatsApp has for it, which may be spelled otherwise; null when it is not on WhatsApp',
  }),
})
/** The answer to `POST /contacts/check`, in the order of the request. */
export const contactCheckResponse = z.object({ contacts: z.array(contactSchema) })
/** What a refusal as `lookup_budget` says beside that. */
export const lookupRefusal = { retry_at: instant, contacts: z.array(contactSchema) }

/** A number as the wire shows what is known of it. */
export type WireContact = z.infer<typeof contactSchema>
