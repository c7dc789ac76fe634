import { getBinaryNodeChild, type BinaryNode } from '@whiskeysockets/baileys'

import { PASSKEY_MS, type PasskeyOptions } from '../../contract/passkey.ts'
import { isFields, readBase64Url, readJson } from './passkey-text.ts'

const LONGEST_BYTES = 16_384
const DOMAINS = new Set(['whatsapp.com', 'web.whatsapp.com'])
const NEEDS = ['required', 'preferred', 'discouraged'] as const

/** The options in a stanza: null when there are none, `unreadable` when they are not valid for WebAuthn. */
export function passkeyOptionsIn(stanza: BinaryNode): PasskeyOptions | 'unreadable' | null {
  const content = getBinaryNodeChild(stanza, 'passkey_request_options')?.content
  if (content === undefined) return null
  if (Array.isArray(content) || content.length > LONGEST_BYTES) return 'unreadable'
  const given = readJson(Buffer.from(content as Uint8Array))
  // Some servers send the whole argument of `navigator.credentials.get`.
  return checked(isFields(given) && isFields(given['publicKey']) ? given['publicKey'] : given)
}

function checked(given: unknown): PasskeyOptions | 'unreadable' {
  if (!isFields(given)) return 'unreadable'
  const challenge = unpadded(given['challenge'], 16, 1_024)
  const rpId = given['rpId'] ?? 'web.whatsapp.com'
  const need = given['userVerification'] ?? 'preferred'
  const userVerification = NEEDS.find(known => known === need)
  const allowCredentials = credentialsIn(given['allowCredentials'] ?? [])
  const extensions = given['extensions'] ?? {}
  if (typeof rpId !== 'string' || !DOMAINS.has(rpId) || !isFields(extensions)) return 'unreadable'
  if (!challenge || !userVerification || !allowCredentials) return 'unreadable'
  const flags = Object.entries(extensions).filter((entry): entry is [string, boolean] => typeof entry[1] === 'boolean')
  const timeout = timeoutIn(given['timeout'])
  return { challenge, rpId, timeout, userVerification, allowCredentials, extensions: Object.fromEntries(flags) }
}

function timeoutIn(given: unknown): number {
  return typeof given === 'number' && given >= 1 ? Math.min(Math.floor(given), PASSKEY_MS) : PASSKEY_MS
}

type Credential = PasskeyOptions['allowCredentials'][number]

function credentialsIn(given: unknown): Credential[] | null {
  if (!Array.isArray(given) || given.length > 64) return null
  const read = given.map(credentialOf)
  return read.every(credential => credential !== null) ? read : null
}

function credentialOf(given: unknown): Credential | null {
  if (!isFields(given) || given['type'] !== 'public-key') return null
  const id = unpadded(given['id'], 1, 1_023)
  const transports = given['transports'] ?? []
  if (!id || !Array.isArray(transports) || transports.length > 16) return null
  if (!transports.every((each): each is string => typeof each === 'string' && /^[a-z-]{1,32}$/.test(each))) return null
  return { id, type: 'public-key', ...(transports.length > 0 && { transports }) }
}

/** Removes the padding: WhatsApp pads only some of its base64url. Plain base64 is converted, since it encodes the same bytes. */
function unpadded(given: unknown, leastBytes: number, mostBytes: number): string | null {
  if (typeof given !== 'string') return null
  const text = given
    .replace(/={1,2}$/, '')
    .replaceAll('+', '-')
    .replaceAll('/', '_')
  const bytes = readBase64Url(text)
  return bytes && bytes.length >= leastBytes && bytes.length <= mostBytes ? text : null
}
