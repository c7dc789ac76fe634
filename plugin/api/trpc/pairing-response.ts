import { ChannelError } from '../../contract/errors/errors.ts'
import type { AccountKey } from '../../contract/ids.ts'
import type { BegunPairing } from '../../contract/api/pairing.ts'
import { accountBesides, secondsUntil, wireCode, type WireCode } from '../../views/api-state.ts'

/** A started pairing as sent to clients. */
type WireBegun = { session_id: string; account?: string; expires_in: number } & WireCode

/**
 * The first thing shown to the person who started a pairing: a code, or the passkey request that precedes it.
 * @throws ChannelError if a phone is linked by then, or was linked and belongs to another account.
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
