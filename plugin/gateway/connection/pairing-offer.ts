import { buildPairingQRData, type AuthenticationState, type BinaryNode, type WASocket } from '@whiskeysockets/baileys'

import { OWN_NAME } from './browser-name.ts'
import { refIn } from './pairing-ref.ts'

/** What the server says to a device that is linked to nobody. */
export type PairingListener = {
  /** The server offers to pair: one QR text for each of its refs. */
  readonly offered?: (codes: string[]) => void
  /** Before it links a device, in whichever way, the account wants to be shown a passkey. */
  readonly passkeyWanted?: (stanza: BinaryNode) => void
  /** The phone goes on after one was given. */
  readonly passkeyContinued?: (stanza: BinaryNode) => void
}

const PASSKEY_WANTED = 'CB:notification,type:passkey_prologue_request'
const PASSKEY_CONTINUED = 'CB:notification,type:crsc_continuation'

/** Hears what the server says before a phone has accepted the login. */
export function hearPairing({ ws }: WASocket, listener: PairingListener, { creds }: AuthenticationState): void {
  ws.on('CB:iq,type:set,pair-device', (stanza: BinaryNode) => listener.offered?.(codesOf(stanza, creds)))
  ws.on(PASSKEY_WANTED, (stanza: BinaryNode) => listener.passkeyWanted?.(stanza))
  ws.on(PASSKEY_CONTINUED, (stanza: BinaryNode) => listener.passkeyContinued?.(stanza))
}

/** The QR text of each good ref of a `<pair-device>`, made by Baileys as its own rotation would. */
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
