import { createHash, createPublicKey, verify } from 'node:crypto'
import { z } from 'zod'

/** The passkey of an account, as WhatsApp stores it. */
export interface Passkey {
  /** base64url */
  credentialId: string
  /** SPKI, DER. */
  publicKey: Buffer
}

const base64url = z.string().regex(/^[A-Za-z0-9_-]+$/)
const assertionShape = z.strictObject({
  id: base64url,
  rawId: base64url,
  type: z.literal('public-key'),
  response: z.strictObject({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.nullable(),
  }),
})
const clientDataShape = z.object({
  type: z.literal('webauthn.get'),
  challenge: z.string(),
  origin: z.literal('https://web.whatsapp.com'),
})

const domain = 'whatsapp.com'
const hashBytes = 32
const presentAndVerified = 0x05

/** Whether an assertion was made by this passkey over this challenge; undefined if it is not a valid assertion. */
export function isAssertedBy(
  { credentialId, publicKey }: Passkey,
  { written, challenge }: { written: Buffer; challenge: string },
): boolean | undefined {
  const read = assertionShape.safeParse(parsed(written))
  if (!read.success || read.data.id !== read.data.rawId) return undefined
  const { clientDataJSON, authenticatorData, signature } = read.data.response
  const clientData = Buffer.from(clientDataJSON, 'base64url')
  const said = clientDataShape.safeParse(parsed(clientData))
  const data = Buffer.from(authenticatorData, 'base64url')
  if (!said.success || data.length <= hashBytes) return undefined
  const isOurs = data.subarray(0, hashBytes).equals(createHash('sha256').update(domain).digest())
  const isVerified = (data.readUInt8(hashBytes) & presentAndVerified) === presentAndVerified
  const message = Buffer.concat([data, createHash('sha256').update(clientData).digest()])
  const key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' })
  const isSigned = verify('sha256', message, key, Buffer.from(signature, 'base64url'))
  return read.data.id === credentialId && said.data.challenge === challenge && isOurs && isVerified && isSigned
}

function parsed(written: Buffer): unknown {
  try {
    return JSON.parse(written.toString('utf8'))
  } catch {
    return undefined
  }
}
