/**
 * The passkey of an account that wants one before it links a device: what WhatsApp asks, and what a person may answer. The shapes
 * are those of WebAuthn Level 3 in JSON; which fields WhatsApp uses is whatsmeow's (types/passkey.go, b572e5bc, 2026-06-30).
 */

/** Where the passkey is shown: WhatsApp takes it from a page of this origin only. */
export const PASSKEY_ORIGIN = 'https://web.whatsapp.com'

/** A passkey is waited for at most so long, from when WhatsApp asked; its own options say the same. */
export const PASSKEY_MS = 600_000

/** An answer is shorter than this; in UTF-16 units. */
export const PASSKEY_LONGEST = 20_000

/** What WhatsApp asks the authenticator: `PublicKeyCredentialRequestOptionsJSON`, of it what is known and was checked. */
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

/** What a pairing waits for when the account wants a passkey. Secret like a QR text: never stored, never logged. */
export type PasskeyRequest =
  /** For an answer to these options. */
  | { readonly step: 'wanted'; readonly options: PasskeyOptions }
  /** For WhatsApp and the phone: one answer has gone out, and no other does. */
  | { readonly step: 'given' }
  /** For a person to say that their phone shows the same code. */
  | { readonly step: 'compare'; readonly code: string }

/** What is wrong with an answer, each with the sentence for the person who pasted it. Nothing of it has gone to WhatsApp. */
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
/** What is wrong with an answer. */
export type PasskeyProblem = keyof typeof PASSKEY_PROBLEMS

/** What becomes of an answer. */
export type PasskeyOutcome =
  /** It goes to WhatsApp; the pairing's states tell the rest. */
  | { readonly outcome: 'given' }
  /** Nothing went out; another one may be given. */
  | { readonly outcome: 'refused'; readonly problem: PasskeyProblem }
  /** No answer is waited for: one was given, its time is over, or the pairing has ended. Nothing went out. */
  | { readonly outcome: 'not_awaited' }
