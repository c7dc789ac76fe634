import type { SignalDataSet, SignalKeyStore } from '@whiskeysockets/baileys'

/** The Signal keys in the file; what is written is flushed by whoever answers for it. */
export type StoredKeys = Pick<SignalKeyStore, 'get'> & { readonly write: (changes: SignalDataSet) => void }
