import type { SignalKeyStore } from '@whiskeysockets/baileys'

/**
 * Takes one-time keys out of Baileys' transactions. A retry receipt hands one out within a transaction that Baileys commits only
 * after the receipt has left. If a crash undid the key, a message that was written with it could not be read.
 */
export function publishKept(baileysKeys: SignalKeyStore, keys: SignalKeyStore): void {
  const set = baileysKeys.set.bind(baileysKeys)
  baileysKeys.set = async ({ 'pre-key': preKeys, ...rest }) => {
    if (preKeys) await keys.set({ 'pre-key': preKeys })
    await set(rest)
  }
}
