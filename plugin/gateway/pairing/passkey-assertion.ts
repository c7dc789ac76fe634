import { createHash } from 'node:crypto'

import { PASSKEY_LONGEST, PASSKEY_ORIGIN, type PasskeyOptions, type PasskeyProblem } from '../../contract/passkey.ts'
import { isFields, readBase64Url, readJson, type Fields } from './passkey-text.ts'

/** An authenticator's answer that fits the request, in the form that WhatsApp gets. */
export type Assertion = {
  readonly credentialId: Uint8Array
  /** Only the fields that WhatsApp knows, in whatsmeow's order. */
  readonly json: string
}

/** The problem with an answer. Throwing it ends the check. */
class Wrong extends Error {
  readonly problem: PasskeyProblem

  constructor(problem: PasskeyProblem) {
    super(problem)
    this.problem = problem
  }
}

const FIELDS = ['id', 'rawId', 'type', 'response']
/** Fields that browsers add and that WhatsApp does not know. */
const ADDED = ['authenticatorAttachment', 'clientExtensionResults']
const RESPONSE = ['clientDataJSON', 'authenticatorData', 'signature']

const PRESENT = 0x01
const VERIFIED = 0x04
const MAY_BE_COPIED = 0x08
const COPIED = 0x10
const NEW_CREDENTIAL = 0x40
const HAS_EXTENSIONS = 0x80
const HASH_BYTES = 32
/** The hash of the domain, the flags and the counter. */
const LEAST_BYTES = HASH_BYTES + 1 + 4

/**
 * Checks what a person pasted against WhatsApp's request, as far as possible without the passkey's public key. An answer that fails
 * is not sent, since malformed answers are said to get numbers banned (Evolution API#2628).
 */
export function checkAssertion(
  text: string,
  options: PasskeyOptions,
): Assertion | { readonly problem: PasskeyProblem } {
  try {
    return checked(text, options)
  } catch (thrown) {
    if (thrown instanceof Wrong) return { problem: thrown.problem }
    throw thrown
  }
}

function checked(text: string, options: PasskeyOptions): Assertion {
  must(text.length <= PASSKEY_LONGEST, 'too_long')
  const given = readJson(text.trim())
  must(isFields(given), 'not_json')
  const response = given['response']
  must(hasFields(given, FIELDS, ADDED) && given['type'] === 'public-key', 'wrong_fields')
  must(isFields(response) && hasFields(response, RESPONSE, ['userHandle']), 'wrong_fields')
  const credentialId = bytesIn(given['rawId'], 1, 1_023)
  must(given['id'] === given['rawId'], 'wrong_id')
  const named = options.allowCredentials.map(({ id }) => id)
  must(named.length === 0 || named.includes(given['rawId'] as string), 'other_passkey')
  checkClientData(bytesIn(response['clientDataJSON'], 1, 8_192), options)
  checkAuthenticatorData(bytesIn(response['authenticatorData'], 1, 8_192), options)
  must(isSignature(bytesIn(response['signature'], 1, 1_024)), 'wrong_signature')
  const userHandle = response['userHandle'] ?? null
  if (userHandle !== null) bytesIn(userHandle, 1, 64)
  const { clientDataJSON, authenticatorData, signature } = response
  const { id, rawId, type } = given
  const json = JSON.stringify({
    id,
    rawId,
    type,
    response: { clientDataJSON, authenticatorData, signature, userHandle },
  })
  return { credentialId, json }
}

function must(holds: boolean, problem: PasskeyProblem): asserts holds {
  if (!holds) throw new Wrong(problem)
}

function hasFields(given: Fields, needed: readonly string[], allowed: readonly string[]): boolean {
  const known = new Set([...needed, ...allowed])
  return needed.every(name => Object.hasOwn(given, name)) && Object.keys(given).every(name => known.has(name))
}

function bytesIn(given: unknown, least: number, most: number): Buffer {
  const bytes = readBase64Url(given)
  must(bytes !== null && bytes.length >= least && bytes.length <= most, 'not_base64url')
  return bytes
}

function checkClientData(bytes: Buffer, { challenge }: PasskeyOptions): void {
  const said = readJson(bytes)
  must(isFields(said), 'wrong_client_data')
  must(said['type'] === 'webauthn.get', 'wrong_ceremony')
  must(said['challenge'] === challenge, 'other_challenge')
  const isElsewhere = said['crossOrigin'] !== undefined && said['crossOrigin'] !== false
  must(said['origin'] === PASSKEY_ORIGIN && !isElsewhere && said['topOrigin'] === undefined, 'other_origin')
}

function checkAuthenticatorData(bytes: Buffer, { rpId, userVerification }: PasskeyOptions): void {
  must(bytes.length >= LEAST_BYTES, 'wrong_authenticator_data')
  const domain = createHash('sha256').update(rpId).digest()
  must(bytes.subarray(0, HASH_BYTES).equals(domain), 'other_domain')
  const flags = bytes.readUInt8(HASH_BYTES)
  const has = (flag: number): boolean => (flags & flag) !== 0
  must(has(PRESENT), 'not_confirmed')
  must(has(VERIFIED) || userVerification !== 'required', 'not_verified')
  const hasMore = bytes.length > LEAST_BYTES
  const fits = !has(NEW_CREDENTIAL) && has(HAS_EXTENSIONS) === hasMore && (has(MAY_BE_COPIED) || !has(COPIED))
  must(fits, 'wrong_authenticator_data')
}

/** Ed25519 and RSA signatures are recognised by their lengths; the others are two numbers in DER. */
function isSignature(bytes: Buffer): boolean {
  return [64, 114, 256, 384, 512].includes(bytes.length) || isTwoNumbers(bytes)
}

function isTwoNumbers(bytes: Buffer): boolean {
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) return false
  const second = numberEnd(bytes, 2)
  return second !== null && numberEnd(bytes, second) === bytes.length
}

/** The end of the positive number that begins at `at`; null if there is none. */
function numberEnd(bytes: Buffer, at: number): number | null {
  const [tag, size = 0, first = 0x80, next = 0] = bytes.subarray(at)
  const isShortest = first !== 0 || (size > 1 && next >= 0x80)
  const fits = tag === 0x02 && size >= 1 && size <= 67 && first < 0x80 && isShortest
  return fits && at + 2 + size <= bytes.length ? at + 2 + size : null
}
