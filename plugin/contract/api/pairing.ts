import { z } from 'zod'

import { lastWordsSchema } from './channels.ts'
import { accountSchema, accountShown, phoneSchema, withoutNul } from './fields.ts'
import { passkeySchema } from './passkey.ts'
import type { PairingState } from '../connection.ts'
import type { AccountKey, AccountName, OrgId, Phone } from '../ids.ts'
import type { PasskeyOutcome } from '../passkey.ts'

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

/** Where the pairing of an account stands. */
export type AccountPairing = { readonly account: AccountName; readonly state: PairingState }

/** A pairing that has begun, with the first that it came to; one that came to nothing is an error instead. */
export type BegunPairing = { readonly session: string; readonly state: Exclude<PairingState, { status: 'expired' }> }

/** How a phone is linked. */
export type LinkingOperations = {
  /**
   * Begins a pairing and waits for its first code, at most 20 s, or for the passkey that is wanted before it. An earlier pairing of
   * the account ends as expired. Errors: `channel_not_configured`, `already_connected`, `gateway_unreachable`, `pairing_refused`,
   * `client_outdated`, `account_stopped`.
   */
  startPairing(key: AccountKey): Promise<BegunPairing>
  /** The same by a code, which is typed on the phone of this number. */
  startCodePairing(key: AccountKey, phone: Phone): Promise<BegunPairing>
  /** What a person answers to the passkey that the account of a pairing wants. Errors: `not_found`, `gateway_unreachable`. */
  answerPasskey(org: OrgId, session: string, assertion: string): Promise<PasskeyOutcome>
  /** The phone shows the code that the pairing shows; false when none is compared. Errors: `not_found`, `gateway_unreachable`. */
  confirmPasskey(org: OrgId, session: string): Promise<boolean>
}

/** Pairings that have begun. */
export type PairingOperations = {
  /** Where a pairing stands now. Error: `not_found`, also for a session of another org. */
  state(org: OrgId, session: string): AccountPairing
  /** The state of a pairing now and at each change, ending after a final one. Error: `not_found`. */
  watch(org: OrgId, session: string, signal: AbortSignal): AsyncIterable<AccountPairing>
}
