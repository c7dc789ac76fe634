import type { z } from 'zod'

import type { codeStartResponse, qrStartResponse } from '../contract/api.ts'
import type { PairingState } from '../contract/connection.ts'
import { ChannelError } from '../contract/errors.ts'
import type { AccountKey } from '../contract/ids.ts'
import { qrPicture } from './qr-picture.ts'
import { accountBesides, secondsUntil, wirePairingCode } from './wire-state.ts'

type Begun = { readonly session: string; readonly state: PairingState }

/** The first code of a pairing that was begun by QR. @throws ChannelError when it came to none. */
export async function firstQr(key: AccountKey, begun: Begun): Promise<z.infer<typeof qrStartResponse>> {
  const state = pendingOf(begun)
  if (!('qr' in state)) throw new ChannelError('internal')
  return { ...shownOf(key, begun), qr_data_url: await qrPicture(state.qr), expires_in: secondsUntil(state.expiresAt) }
}

/** The code of a pairing that was begun by a phone number. @throws ChannelError when it came to none. */
export function firstPairingCode(key: AccountKey, begun: Begun): z.infer<typeof codeStartResponse> {
  const state = pendingOf(begun)
  if (!('pairingCode' in state)) throw new ChannelError('internal')
  const { pairingCode, expiresAt } = state
  return { ...shownOf(key, begun), pairing_code: wirePairingCode(pairingCode), expires_in: secondsUntil(expiresAt) }
}

const shownOf = ({ account }: AccountKey, { session }: Begun) => ({ session_id: session, ...accountBesides(account) })

function pendingOf({ state }: Begun): Extract<PairingState, { status: 'pending' }> {
  if (state.status === 'connected') throw new ChannelError('already_connected')
  if (state.status === 'conflict') throw new ChannelError('number_in_use')
  if (state.status === 'expired' && state.reason === 'client_outdated') throw new ChannelError('client_outdated')
  if (state.status === 'expired') throw new ChannelError('gateway_unreachable')
  return state
}
