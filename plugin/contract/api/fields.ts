import { z } from 'zod'

import { NAME, parseAddress, parsePhone } from '../ids.ts'

/** Whether a text contains no NUL, which databases and terminals do not handle. */
export const withoutNul = (text: string): boolean => !text.includes('\0')

/** A point in time on the wire. */
export const instant = z.iso.datetime().meta({ description: 'RFC 3339, UTC' })

/** The most entries of a page. */
export const limitSchema = z
  .union([
    z.int(),
    z
      .string()
      .regex(/^[0-9]{1,3}$/)
      .transform(Number),
  ])
  .pipe(z.int().min(1).max(200))
  .default(50)
  .meta({ description: '1 to 200; a string of digits where it stands in a URL' })

/** A non-empty text of at most this many characters. */
export const text = (most: number) =>
  z.string().min(1).max(most).refine(withoutNul, { message: 'must not contain the NUL character' })

/** The name of one of the org's accounts. */
export const accountSchema = z
  .string()
  .regex(NAME, { message: 'must be 1 to 64 letters, digits, "_" or "-"' })
  .optional()
  .meta({ description: 'Which of the org’s accounts is meant; `default` when none is named', examples: ['sales'] })
/** The input of calls that only name an account. */
export const accountRequest = z.strictObject({ account: accountSchema })
/** The same for calls that also work without any input. */
export const anyAccount = accountRequest.optional()
/** The name of an account in queries that otherwise cover all accounts. */
export const accountFilter = accountSchema.meta({
  description: 'Those of this account alone; of all when none is named',
})

/** `+972500000001`, `lid:<digits>` or `<digits>@g.us`. */
export const addressSchema = z
  .string()
  .max(64)
  .refine(value => parseAddress(value) !== null, {
    message: 'must be a phone number as +<country code><number>, a person as lid:<digits>, or a group as <digits>@g.us',
  })
  .meta({
    description: 'A person or a group',
    examples: ['+972500000002', 'lid:123456789012345', '120363000000000001@g.us'],
  })

/** `+972500000001` */
export const phoneSchema = z
  .string()
  .max(64)
  .refine(value => parsePhone(value) !== null, {
    message: 'must be a phone number as +<country code><number>',
  })
  .meta({ description: 'A phone number', examples: ['+972500000001'] })

/** The account of a response, in bodies that the documents show without one. */
export const accountShown = z.string().optional().meta({ description: 'Left out for the account "default"' })
