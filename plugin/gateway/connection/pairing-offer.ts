import { buildPairingQRData, type AuthenticationState, type BinaryNode, type WASocket } from '@whiskeysockets/baileys'

import { OWN_NAME } from './browser-name.ts'
import { refIn } from './pairing-ref.ts'

/** What the server sends to a device that is not linked. */
export type PairingListener = {
  /** The server offers to pair: one QR text for each of its refs. */
  readonly offered?: (codes: string[]) => void
  /** The account requires a passkey before it links a device, by QR or by code. */
  readonly passkeyWanted?: (stanza: BinaryNode) => void
  /** The phone continues after a passkey was given. */
  readonly passkeyContinued?: (stanza: BinaryNode) => void
}

const PASSKEY_WANTED = 'CB:notification,type:passkey_prologue_request'
const PASSKEY_CONTINUED = 'CB:notification,type:crsc_continuation'

/** Listens to what the server sends before a phone has accepted the login. */
export function hearPairing({ ws }: WASocket, listener: PairingListener, { creds }: AuthenticationState): void {
  ws.on('CB:iq,type:set,pair-device', (stanza: BinaryNode) => listener.offered?.(codesOf(stanza, creds)))
  ws.on(PASSKEY_WANTED, (stanza: BinaryNode) => listener.passkeyWanted?.(stanza))
  ws.on(PASSKEY_CONTINUED, (stanza: BinaryNode) => listener.passkeyContinued?.(stanza))
}

/** The QR text of each valid ref of a `<pair-device>`, built by Baileys as in its own rotation. */
function codesOf(stanza: BinaryNode, creds: AuthenticationState['creds']): string[] {
  const [offer] = Array.isArray(stanza.content) ? stanza.content : []
  const children = Array.isArray(offer?.content) ? offer.content : []
  const base64 = (key: Uint8Array): string => Buffer.from(key).toString('base64')
  const keys = [base64(creds.noiseKey.public), base64(creds.signedIdentityKey.public), creds.advSecretKey] as const
  return children.flatMap(child => {
    const ref = child.tag === 'ref' ? refIn(child) : null
    return ref === null ? [] : [buildPairingQRData(ref, ...keys, OWN_NAME)]
  })
}
