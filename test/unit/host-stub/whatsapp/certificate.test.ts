import { proto } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'
import { certificateChain, makeAuthority, type Authority } from '../../../../host-stub/whatsapp/world/certificate.ts'
import type { CertificateFault } from '../../../../host-stub/whatsapp/world/faults.ts'
import { isSignedBy } from '../../../../host-stub/whatsapp/crypto/xeddsa.ts'

const { Details } = proto.CertChain.NoiseCertificate

/** What a strict client finds wrong with a chain. */
function complaints(authority: Authority, fault?: CertificateFault): string[] {
  const { leaf, intermediate } = proto.CertChain.decode(certificateChain(authority, fault))
  const leafDetails = leaf?.details ?? new Uint8Array()
  const intermediateDetails = intermediate?.details ?? new Uint8Array()
  const above = Details.decode(intermediateDetails)
  const below = Details.decode(leafDetails)
  const now = Date.now() / 1000
  const checks: Record<string, boolean> = {
    root: isSignedBy(authority.root.publicKey, intermediateDetails, intermediate?.signature ?? new Uint8Array()),
    intermediate: isSignedBy(above.key ?? new Uint8Array(), leafDetails, leaf?.signature ?? new Uint8Array()),
    key: authority.staticKey.publicKey.equals(below.key ?? new Uint8Array()),
    dates: Number(below.notBefore) <= now && now <= Number(below.notAfter),
    serials: above.issuerSerial === 0 && below.issuerSerial === above.serial,
  }
  return Object.keys(checks).filter(name => !checks[name])
}

it('makes a chain that a strict client accepts', () => {
  expect(complaints(makeAuthority())).toEqual([])
})

it.each<[CertificateFault, string[]]>([
  ['garbage', ['root', 'intermediate']],
  ['foreign_root', ['root']],
  ['foreign_leaf_key', ['key']],
  ['expired', ['dates']],
])('spoils exactly what %s names', (fault, wrong) => {
  expect(complaints(makeAuthority(), fault)).toEqual(wrong)
})
