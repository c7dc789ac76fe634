import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** What an authenticator is asked, in JSON. */
type Asked = { readonly challenge: string }

/** What is different from what a browser on web.whatsapp.com would make. */
export type Difference = {
  readonly type?: string
  readonly challenge?: string
  readonly origin?: string
  readonly rpId?: string
  /** Of the authenticator's data: present 0x01, verified 0x04. */
  readonly flags?: number
}

/** A credential as a browser's `toJSON()` gives it. */
export type Credential = {
  readonly id: string
  readonly rawId: string
  readonly type: string
  readonly response: {
    readonly clientDataJSON: string
    readonly authenticatorData: string
    readonly signature: string
    readonly userHandle: string | null
  }
}

/** An authenticator in software that holds one passkey for whatsapp.com. */
export type Authenticator = {
  readonly credentialId: string
  /** SPKI, DER, base64url */
  readonly publicKey: string
  readonly answers: (asked: Asked, difference?: Difference) => Credential
}

export function createAuthenticator(): Authenticator {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const credentialId = randomBytes(32).toString('base64url')
  const userHandle = randomBytes(16).toString('base64url')
  return {
    credentialId,
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64url'),
    answers: ({ challenge }, difference = {}) => {
      const { type = 'webauthn.get', origin = 'https://web.whatsapp.com', rpId = 'whatsapp.com' } = difference
      const asked = { type, challenge: difference.challenge ?? challenge, origin, crossOrigin: false }
      const clientData = Buffer.from(JSON.stringify(asked))
      const data = Buffer.concat([sha256(Buffer.from(rpId)), Buffer.from([difference.flags ?? 0x05, 0, 0, 0, 1])])
      const signature = sign('sha256', Buffer.concat([data, sha256(clientData)]), privateKey)
      return {
        id: credentialId,
        rawId: credentialId,
        type: 'public-key',
        response: {
          clientDataJSON: clientData.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: signature.toString('base64url'),
          userHandle,
        },
      }
    },
  }
}

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
