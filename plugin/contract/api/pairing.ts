import { z } from 'zod'

import { lastWordsSchema } from './channels.ts'
import { accountSchema, accountShown, phoneSchema, withoutNul } from './fields.ts'
import { passkeySchema } from './passkey.ts'
import type { PairingState } from '../connection.ts'
import type { AccountKey, AccountName, OrgId, Phone } from '../ids.ts'
import type { PasskeyOutcome } from '../passkey.ts'

const passkeyWanted = passkeySchema.optional()

/**
 * The response to qr/start: the first code as a PNG data URL, or the passkey request of an account that requires one before any
 * code, and the seconds for which it is valid.
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

/** The body of `POST /channels/whatsapp/code/start`: the number of the phone to link. */
export const codeStartRequest = z.strictObject({ account: accountSchema, phone: phoneSchema })
/**
 * The response: what to type on that phone (Linked devices → Link with phone number), or the passkey request of an account that
 * requires one before any code, and the seconds for which it is valid. qr/status and `whatsapp.qr.watch` return what follows.
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
 * The state of an account's pairing. `pending` contains the current code, as a picture or to be typed, depending on how the
 * pairing was started, or the passkey request (missing for roles that may not see it), and the remaining seconds; `connected`
 * contains the linked number.
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

/** The state of a pairing as `whatsapp.qr.watch` sends it; on `conflict`, qr/status is refused with `number_in_use`. */
export type WirePairing = z.infer<typeof qrStatusResponse> | { status: 'conflict'; account?: string | undefined }

/** The state of an account's pairing. */
export type AccountPairing = { readonly account: AccountName; readonly state: PairingState }

/** A pairing that has started, with its first state; a pairing that failed is an error instead. */
export type BegunPairing = { readonly session: string; readonly state: Exclude<PairingState, { status: 'expired' }> }

/** Links phones. */
export type LinkingOperations = {
  /**
   * Starts a pairing and waits at most 20 s for its first code, or for the passkey request before it. An earlier pairing of the
   * account ends as expired. Errors: `channel_not_configured`, `already_connected`, `gateway_unreachable`, `pairing_refused`,
   * `client_outdated`, `account_stopped`.
   */
  startPairing(key: AccountKey): Promise<BegunPairing>
  /** The same with a code to type on the phone with this number. */
  startCodePairing(key: AccountKey, phone: Phone): Promise<BegunPairing>
  /** Passes on a person's answer to the passkey request of a pairing. Errors: `not_found`, `gateway_unreachable`. */
  answerPasskey(org: OrgId, session: string, assertion: string): Promise<PasskeyOutcome>
  /**
   * Confirms that the phone shows the same code as the pairing; false if there is no code to compare. Errors: `not_found`,
   * `gateway_unreachable`.
   */
  confirmPasskey(org: OrgId, session: string): Promise<boolean>
}

/** Pairings that have started. */
export type PairingOperations = {
  /** The current state of a pairing. Error: `not_found`, also for a session of another org. */
  state(org: OrgId, session: string): AccountPairing
  /** The state of a pairing now and at each change; ends after a final one. Error: `not_found`. */
  watch(org: OrgId, session: string, signal: AbortSignal): AsyncIterable<AccountPairing>
}
