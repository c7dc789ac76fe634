import { randomBytes } from 'node:crypto'
import { proto } from '@whiskeysockets/baileys'
import type { CertificateFault } from './faults.ts'
import { makeKeyPair, type KeyPair } from '../crypto/keys.ts'
import { sign } from '../crypto/xeddsa.ts'

export interface Authority {
  root: KeyPair
  staticKey: KeyPair
}

const daySeconds = 24 * 60 * 60
const rootSerial = 0
const intermediateSerial = 7
const leafSerial = 8

export function makeAuthority(): Authority {
  return { root: makeKeyPair(), staticKey: makeKeyPair() }
}

/** The chain root → intermediate → leaf; the leaf contains the server's static Noise key. */
export function certificateChain({ root, staticKey }: Authority, fault?: CertificateFault): Uint8Array {
  const intermediate = makeKeyPair()
  const issuer = fault === 'foreign_root' ? makeKeyPair() : root
  const leafKey = fault === 'foreign_leaf_key' ? makeKeyPair().publicKey : staticKey.publicKey
  const now = Math.floor(Date.now() / 1000)
  const lifetime = fault === 'expired' ? -daySeconds : daySeconds
  const seal = (details: proto.CertChain.NoiseCertificate.IDetails, signer: KeyPair) => {
    const encoded = proto.CertChain.NoiseCertificate.Details.encode(details).finish()
    const signature = fault === 'garbage' ? randomBytes(64) : sign(signer, encoded)
    return { details: encoded, signature }
  }
  return proto.CertChain.encode({
    leaf: seal(
      {
        serial: leafSerial,
        issuerSerial: intermediateSerial,
        key: leafKey,
        notBefore: now - 2 * daySeconds,
        notAfter: now + lifetime,
      },
      intermediate,
    ),
    intermediate: seal(
      {
        serial: intermediateSerial,
        issuerSerial: rootSerial,
        key: intermediate.publicKey,
        notBefore: now - 2 * daySeconds,
        notAfter: now + 365 * daySeconds,
      },
      issuer,
    ),
  }).finish()
}
