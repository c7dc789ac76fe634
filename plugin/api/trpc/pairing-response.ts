import { ChannelError } from '../../contract/errors/errors.ts'
import type { AccountKey } from '../../contract/ids.ts'
import type { BegunPairing } from '../../contract/api/pairing.ts'
import { accountBesides, secondsUntil, wireCode, type WireCode } from '../../views/api-state.ts'

/** A pairing that has begun as it stands on the wire. */
type WireBegun = { session_id: string; account?: string; expires_in: number } & WireCode

/**
 * What the person who began a pairing is shown first, whatever that is: a code, or the passkey that is wanted before there is one.
 * @throws ChannelError when a phone is linked by then, or was and is another account's.
 */
export async function firstShown({ account }: AccountKey, { session, state }: BegunPairing): Promise<WireBegun> {
  switch (state.status) {
    case 'pending': {
      const code = await wireCode(state)
      return { session_id: session, ...accountBesides(account), ...code, expires_in: secondsUntil(state.expiresAt) }
    }
    case 'connected':
      throw new ChannelError('already_connected')
    case 'conflict':
      throw new ChannelError('number_in_use')
  }
}
