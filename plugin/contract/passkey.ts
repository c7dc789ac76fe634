/**
 * The passkey that some accounts require before they link a device: WhatsApp's request, and a person's answer. The shapes are
 * those of WebAuthn Level 3 in JSON; which fields WhatsApp uses is known from whatsmeow (types/passkey.go, b572e5bc, 2026-06-30).
 */

/** The origin where the passkey is used: WhatsApp accepts it only from a page of this origin. */
export const PASSKEY_ORIGIN = 'https://web.whatsapp.com'

/** How long a passkey is waited for at most, from WhatsApp's request; its own options state the same limit. */
export const PASSKEY_MS = 600_000

/** The maximum length of an answer, in UTF-16 units. */
export const PASSKEY_LONGEST = 20_000

/** WhatsApp's request to the authenticator: the known and checked part of `PublicKeyCredentialRequestOptionsJSON`. */
export type PasskeyOptions = {
  /** base64url without padding */
  readonly challenge: string
  /** `whatsapp.com`, or its name for web.whatsapp.com alone */
  readonly rpId: string
  /** ms, at most {@link PASSKEY_MS} */
  readonly timeout: number
  readonly userVerification: 'required' | 'preferred' | 'discouraged'
  /** Empty: any passkey of that domain. */
  readonly allowCredentials: readonly {
    readonly id: string
    readonly type: 'public-key'
    readonly transports?: readonly string[]
  }[]
  readonly extensions: Readonly<Record<string, boolean>>
}

/** What a pairing waits for if the account requires a passkey. Secret like a QR text: never stored, never logged. */
export type PasskeyRequest =
  /** Waits for an answer to these options. */
  | { readonly step: 'wanted'; readonly options: PasskeyOptions }
  /** Waits for WhatsApp and the phone: one answer was sent, and no other is sent. */
  | { readonly step: 'given' }
  /** Waits for a person to confirm that their phone shows the same code. */
  | { readonly step: 'compare'; readonly code: string }

/** The problems of an answer, each with the sentence for the person who pasted it. Nothing of the answer was sent to WhatsApp. */
export const PASSKEY_PROBLEMS = {
  too_long: 'That is longer than any answer. Copy only what the script shows.',
  not_json: 'That is not the whole answer. Copy all of it, from the first { to the last }.',
  wrong_fields: 'Fields are missing in it, or there are others. Copy the answer as the script shows it.',
  not_base64url: 'A value in it is not written as the browser writes it. Copy the answer again.',
  wrong_id: 'Its id and its rawId are not the same. Copy the answer again.',
  other_passkey: 'That is another passkey than the ones that WhatsApp takes. Choose another one.',
  wrong_client_data: 'Its clientDataJSON cannot be read. Copy the answer again.',
  wrong_ceremony: 'It is no answer to a login. Run the script that is shown now.',
  other_challenge: 'It answers an earlier question. Run the script that is shown now, and paste what that shows.',
  other_origin: `It was made on another page. Run the script on ${PASSKEY_ORIGIN}, in a tab of its own.`,
  wrong_authenticator_data: 'Its authenticatorData cannot be read. Copy the answer again.',
  other_domain: 'That passkey is not one for WhatsApp. Choose the passkey of whatsapp.com.',
  not_confirmed: 'The passkey was not confirmed by a person. Unlock it when the browser asks for it.',
  not_verified: 'The passkey was used without a fingerprint, a face or a PIN. Use one that asks for it.',
  wrong_signature: 'Its signature is not one. Copy the answer again.',
} as const
/** A problem of an answer. */
export type PasskeyProblem = keyof typeof PASSKEY_PROBLEMS

/** The outcome of an answer. */
export type PasskeyOutcome =
  /** It is sent to WhatsApp; the states of the pairing show what follows. */
  | { readonly outcome: 'given' }
  /** Nothing was sent; another answer may be given. */
  | { readonly outcome: 'refused'; readonly problem: PasskeyProblem }
  /** No answer is expected: one was given already, the time is over, or the pairing has ended. Nothing was sent. */
  | { readonly outcome: 'not_awaited' }
