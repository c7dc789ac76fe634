import { z } from 'zod'

/** Whether a text is free of NUL, which no database and no terminal takes for what it is. */
export const withoutNul = (text: string): boolean => !text.includes('\0')

/** A point in time on the wire. */
export const instant = z.iso.datetime().meta({ description: 'RFC 3339, UTC' })

/** How many entries a page has at the most. */
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
