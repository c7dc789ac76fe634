import type { SendStatus, WireConnection, WirePairing } from '../contract/api.ts'
import type { ConnectionState, PairingState } from '../contract/connection.ts'
import type { Delivery } from '../contract/delivery.ts'
import { addressOfChat } from '../contract/ids.ts'
import { qrPicture } from './qr-picture.ts'

const instant = (atMs: number): string => new Date(atMs).toISOString()

/** Whole seconds until `expiresAt`; a code that is good for 59.9 s counts as 60, as the documented body has it. */
export const secondsUntil = (expiresAt: number): number => Math.max(0, Math.ceil((expiresAt - Date.now()) / 1000))

/** A connection state as it stands on the wire. */
export function wireConnection(state: ConnectionState): WireConnection {
  return {
    status: state.status,
    phone: state.status === 'connected' ? state.phone : null,
    since: state.status === 'connected' ? instant(state.since) : null,
    reason: 'reason' in state ? state.reason : null,
    permanent: state.status === 'stopped',
    retry_at: state.status === 'waiting' ? instant(state.retryAt) : null,
    detail: state.status === 'stopped' ? state.detail : null,
  }
}

/** The state of a pairing as it stands on the wire, with the picture for those who may see it. */
export async function wirePairing(state: PairingState, withPicture: boolean): Promise<WirePairing> {
  if (state.status === 'connected') return { status: 'connected', phone: state.phone }
  if (state.status === 'expired') return { status: 'expired' }
  const expires_in = secondsUntil(state.expiresAt)
  if (!withPicture) return { status: 'pending', expires_in }
  return { status: 'pending', qr_data_url: await qrPicture(state.qr), expires_in }
}

/** A delivery as it stands on the wire. */
export function wireDelivery(delivery: Delivery): SendStatus {
  return {
    id: delivery.id,
    status: delivery.status,
    message_id: delivery.messageId,
    to: addressOfChat(delivery.chat),
    code: delivery.rejectedCode,
    accepted_at: instant(delivery.acceptedAt),
  }
}
