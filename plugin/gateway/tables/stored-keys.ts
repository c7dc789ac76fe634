import type { SignalDataSet, SignalKeyStore } from '@whiskeysockets/baileys'

/** The Signal keys in the file; writes are flushed by the code that answers WhatsApp for them. */
export type StoredKeys = Pick<SignalKeyStore, 'get'> & { readonly write: (changes: SignalDataSet) => void }
