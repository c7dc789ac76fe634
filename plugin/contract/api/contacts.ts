/** Who is on WhatsApp. */
import { z } from 'zod'

import { accountSchema, instant, phoneSchema } from './fields.ts'
import { type CheckedContacts, NAMED_BY, NUMBERS_MOST } from '../contact.ts'
import type { AccountKey, Phone } from '../ids.ts'

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
/** The response to `POST /contacts/check`, in the order of the request. */
export const contactCheckResponse = z.object({ contacts: z.array(contactSchema) })
/** One number of a refused request, if something is known about it. */
export const knownNumberSchema = z.object({
  position: z.int().nonnegative().meta({ description: 'Its place in "numbers", from 0: a refusal names no number' }),
  exists: z
    .boolean()
    .meta({ description: 'Whether it is on WhatsApp. Ask for it without the others, and its address is answered' }),
})
/** The details of a `lookup_budget` error; `known` is in the order of the request. */
export const lookupRefusal = { retry_at: instant, known: z.array(knownNumberSchema) }

/** A number that the settings name, in `GET /channels`. */
export const namedNumberSchema = z.object({
  number: z.string().meta({ description: 'Masked for roles that may not change it' }),
  named_by: z.array(z.enum(NAMED_BY)),
  exists: z.boolean().nullable().meta({
    description:
      'Whether it is on WhatsApp; null while WhatsApp has not answered that, and then it is nobody’s but of who has exactly this number',
  }),
  address: z.string().nullable().meta({
    description: 'The number that WhatsApp has for it, whose owner is meant; null when it is not known, or on WhatsApp',
  }),
})

/** The result for a number on the wire. */
export type WireContact = z.infer<typeof contactSchema>
/** A number that is known in a refused request. */
export type WireKnownNumber = z.infer<typeof knownNumberSchema>
/** A number that the settings name, on the wire. */
export type WireNamedNumber = z.infer<typeof namedNumberSchema>

/** Checks whether numbers are on WhatsApp. */
export type ContactOperations = {
  /**
   * Whether numbers are on WhatsApp, and under which number: known ones, and those that may be looked up now. Errors:
   * `channel_not_configured`; `gateway_unreachable` if a number that may be looked up was not answered.
   */
  check(key: AccountKey, numbers: readonly Phone[]): Promise<CheckedContacts>
}
