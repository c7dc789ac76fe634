/** The passkey that some accounts require before they link a device: request and answer over the API. */
import { z } from 'zod'

import { accountShown, instant, withoutNul } from './fields.ts'
import { PASSKEY_LONGEST, type PasskeyOptions } from '../passkey.ts'

const session = z.string().min(1).max(64).refine(withoutNul)

const optionsShape: z.ZodType<PasskeyOptions> = z.object({
  challenge: z.string(),
  rpId: z.string(),
  timeout: z.int(),
  userVerification: z.enum(['required', 'preferred', 'discouraged']),
  allowCredentials: z.array(
    z.object({ id: z.string(), type: z.literal('public-key'), transports: z.array(z.string()).exactOptional() }),
  ),
  extensions: z.record(z.string(), z.boolean()),
})

/** What a pairing waits for if the account requires a passkey. */
export const passkeySchema = z.object({
  step: z.enum(['wanted', 'given', 'compare']).meta({
    description:
      '"wanted": an answer to the options; "given": WhatsApp and the phone; "compare": that somebody says that the phone shows the same code',
  }),
  options: optionsShape.nullable().meta({
    description:
      'What navigator.credentials.get takes as "publicKey" on web.whatsapp.com, in JSON; null in the other steps',
  }),
  script: z.string().nullable().meta({
    description:
      'A script that asks a browser on web.whatsapp.com for the answer and shows it there; null in the other steps',
  }),
  code: z
    .string()
    .nullable()
    .meta({ description: 'To be compared with what the phone shows', examples: ['K3WA-7XQ2'] }),
  expires_at: instant,
})
/** A passkey request on the wire. */
export type WirePasskey = z.infer<typeof passkeySchema>

/** The body of `POST /channels/whatsapp/passkey/answer`: the credential, as text or as JSON, as its `toJSON()` gives it. */
export const passkeyAnswerRequest = z.strictObject({
  session_id: session,
  assertion: z.union([z.string().max(PASSKEY_LONGEST), z.record(z.string(), z.unknown())]),
})
/** The response: the credential is sent to WhatsApp. qr/status and `whatsapp.qr.watch` return what follows. */
export const passkeyAnswerResponse = z.object({ account: accountShown, status: z.literal('given') })

/** The body of `POST /channels/whatsapp/passkey/confirm`: confirms that the phone shows the same code as the pairing. */
export const passkeyConfirmRequest = z.strictObject({ session_id: session })
/** The response: the confirmation is sent to the phone. */
export const passkeyConfirmResponse = z.object({ account: accountShown, status: z.literal('confirmed') })
