import { Curve, WA_CERT_DETAILS, proto } from '@whiskeysockets/baileys'

import { verifies } from '../signal/ed25519.ts'

/** The server could not prove that the root key vouches for it. */
export class ServerNotTrusted extends Error {
  constructor(what: string) {
    super(`The server's Noise certificate was refused: ${what}`)
    this.name = 'ServerNotTrusted'
  }
}

/** What one synchronous run of Baileys' `processHandshake` has shown so far. */
type Run = {
  /** The public keys of the key agreements: the server's ephemeral one, then its static one. */
  readonly agreed: Uint8Array[]
  leaf: { readonly issuerKey: Uint8Array; readonly issuerSerial: number } | null
}

type Certificate = {
  readonly key: Uint8Array
  readonly serial: number
  readonly issuerSerial: number
}

/**
 * Makes Baileys' handshake refuse a server unless its chain leads from the root key to the exact static key that the handshake
 * used, within the certificates' dates. `processHandshake` calls, without yielding: sharedKey(ephemeral), sharedKey(static),
 * verify(leaf), verify(intermediate). The leaf must name the key of the second call. What was seen is dropped when the run yields,
 * so nothing can be tied across two connections. `trusted` is called for each chain that held.
 */
export function hardenHandshake(rootKey: Uint8Array | null, now: () => number, trusted?: () => void): void {
  if (rootKey) WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey)
  const stockSharedKey = Curve.sharedKey
  let run: Run | null = null

  Curve.sharedKey = (privateKey, publicKey) => {
    if (!run) {
      run = { agreed: [], leaf: null }
      queueMicrotask(() => (run = null))
    }
    run.agreed.push(publicKey)
    return stockSharedKey(privateKey, publicKey)
  }
  Curve.verify = (publicKey, message, signature) => {
    if (equal(publicKey, WA_CERT_DETAILS.PUBLIC_KEY)) {
      checkIntermediate(run, opened({ publicKey, message, signature }, now()))
      trusted?.()
      return true
    }
    const serverKey = run && !run.leaf ? run.agreed[1] : undefined
    if (!run || !serverKey) return verifies(bare(publicKey), message, signature)
    const leaf = opened({ publicKey, message, signature }, now())
    if (!equal(leaf.key, serverKey)) throw new ServerNotTrusted('the leaf names another key than the server used')
    run.leaf = { issuerKey: publicKey, issuerSerial: leaf.issuerSerial }
    return true
  }
}

function checkIntermediate(run: Run | null, intermediate: Certificate): void {
  if (!run?.leaf) throw new ServerNotTrusted('no leaf was shown')
  if (!equal(run.leaf.issuerKey, intermediate.key)) throw new ServerNotTrusted('the leaf has another issuer')
  if (run.leaf.issuerSerial !== intermediate.serial) throw new ServerNotTrusted('the serial numbers do not chain')
}

type Signed = { readonly publicKey: Uint8Array; readonly message: Uint8Array; readonly signature: Uint8Array }

/** The certificate in `message`, if its signature is valid and today is within its dates. An absent date sets no bound. */
function opened({ publicKey, message, signature }: Signed, nowMs: number): Certificate {
  if (!verifies(bare(publicKey), message, signature)) throw new ServerNotTrusted('a signature does not hold')
  const details = proto.CertChain.NoiseCertificate.Details.decode(message)
  const [from, until] = [seconds(details.notBefore), seconds(details.notAfter)]
  if (from !== null && nowMs < from * 1000) throw new ServerNotTrusted('a certificate is not valid yet')
  if (until !== null && nowMs > until * 1000) throw new ServerNotTrusted('a certificate has expired')
  return { key: details.key ?? new Uint8Array(), serial: details.serial ?? 0, issuerSerial: details.issuerSerial ?? 0 }
}

const seconds = (value: { toString(): string } | number | null | undefined): number | null =>
  value === null || value === undefined ? null : Number(value.toString())

const bare = (key: Uint8Array): Uint8Array => (key.length === 33 ? key.subarray(1) : key)

const equal = (left: Uint8Array, right: Uint8Array): boolean => Buffer.compare(left, right) === 0

/** The root key against which servers are checked now, in hex. */
export const rootKeyInForce = (): string => Buffer.from(WA_CERT_DETAILS.PUBLIC_KEY).toString('hex')
