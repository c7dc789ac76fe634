import type { SignalKeyStore } from '@whiskeysockets/baileys'

/**
 * Takes one-time keys out of Baileys' transactions: a retry receipt hands one out from within a transaction that Baileys
 * commits once the receipt has left, and who then used a key that a crash had undone could not be read.
 */
export function publishKept(baileysKeys: SignalKeyStore, keys: SignalKeyStore): void {
  const set = baileysKeys.set.bind(baileysKeys)
  baileysKeys.set = async ({ 'pre-key': preKeys, ...rest }) => {
    if (preKeys) await keys.set({ 'pre-key': preKeys })
    await set(rest)
  }
}
