import { z } from 'zod'

import { lastWordsSchema } from './channels.ts'
import { accountSchema, accountShown, phoneSchema, withoutNul } from './fields.ts'
import { passkeySchema } from './passkey.ts'

const passkeyWanted = passkeySchema.optional()

/**
 * The answer to qr/start: the first code as a PNG data URL, or the passkey that the account wants before there is one, and the
 * seconds it is good for.
 */
export const qrStartResponse = z.object({
  account: accountShown,
  session_id: z.string(),
  qr_data_url: z
    .string()
    .optional()
    .meta({ description: 'A PNG; left out when the account wants a passkey before any code' }),
  passkey: passkeyWanted.meta({ description: 'What is to be given before any code is of use; in the place of one' }),
  expires_in: z.int(),
})

/** The body of `POST /channels/whatsapp/code/start`: the number of the phone that is to be linked. */
export const codeStartRequest = z.strictObject({ account: accountSchema, phone: phoneSchema })
/**
 * The answer: what to type on that phone (Linked devices → Link with phone number), or the passkey that the account wants before
 * there is such a code, and the seconds it is good for. What becomes of it is asked by qr/status and `whatsapp.qr.watch`.
 */
export const codeStartResponse = z.object({
  account: accountShown,
  session_id: z.string(),
  pairing_code: z
    .string()
    .optional()
    .meta({
      description: 'Eight characters in two groups; left out when the account wants a passkey before any code',
      examples: ['K3WA-7XQ2'],
    }),
  passkey: passkeyWanted.meta({ description: 'What is to be given before any code is of use; in the place of one' }),
  expires_in: z.int(),
})

/** The query of qr/status, and the input of `whatsapp.qr.watch`. */
export const qrStatusRequest = z.strictObject({ session_id: z.string().min(1).max(64).refine(withoutNul) })

/**
 * Where the pairing of an account stands. `pending` carries the code that is good now, as a picture or to be typed, as the
 * pairing was begun, or the passkey that the account wants (left out for roles that may not see it), and the seconds that remain; `connected` the number that was linked.
 */
export const qrStatusResponse = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('pending'),
    account: accountShown,
    qr_data_url: z.string().optional(),
    pairing_code: z.string().optional(),
    passkey: passkeyWanted.meta({
      description: 'The account wants a passkey before it links a device; left out for roles that see no codes',
    }),
    expires_in: z.int().nonnegative(),
  }),
  z.object({ status: z.literal('connected'), account: accountShown, phone: z.string() }),
  z.object({
    status: z.literal('expired'),
    account: accountShown,
    reason: z.string().optional().meta({
      description:
        'Why it ended, such as `passkey_required` or `client_outdated`; `client_old`: its codes ran out, and the client is so old that a phone may have refused it without a word; left out when they just ran out',
    }),
    whatsapp_said: lastWordsSchema.optional(),
  }),
])

/** The state of a pairing as `whatsapp.qr.watch` tells it; where it says `conflict`, qr/status is refused with `number_in_use`. */
export type WirePairing = z.infer<typeof qrStatusResponse> | { status: 'conflict'; account?: string | undefined }
