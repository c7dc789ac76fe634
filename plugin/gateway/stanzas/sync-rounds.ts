import { AsyncLocalStorage } from 'node:async_hooks'
import type { SignalDataTypeMap, SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys'

/** How often a collection is asked for without progress; Baileys itself gives an unreadable one two tries. */
const ROUNDS = 4
const VERSIONS = 'app-state-sync-version'

/** A collection's version at the last look, and how many looks found that version. */
type Look = { readonly version: number; readonly times: number }

/**
 * Ends a synchronisation of the app state that makes no progress. Baileys 7.0.0-rc14 looks how far a collection is and asks for
 * more, again and again without a pause, for as long as no answer names it; nothing is encrypted in the meantime (chats.js,
 * `resyncAppState`).
 */
export function boundSync(keys: SignalKeyStoreWithTransaction): void {
  const [get, transaction] = [keys.get.bind(keys), keys.transaction.bind(keys)]
  const looks = new AsyncLocalStorage<Map<string, Look>>()
  keys.transaction = (work, key) => transaction(looks.getStore() ? work : () => looks.run(new Map(), work), key)
  keys.get = async (type, ids) => {
    const found = await get(type, ids)
    const seen = looks.getStore()
    if (type === VERSIONS && seen) for (const id of ids) look(seen, id, versionIn(found[id]))
    return found
  }
}

const versionIn = (state: SignalDataTypeMap[keyof SignalDataTypeMap] | undefined): number =>
  (state as SignalDataTypeMap[typeof VERSIONS] | undefined)?.version ?? 0

function look(seen: Map<string, Look>, collection: string, version: number): void {
  const before = seen.get(collection)
  const times = before?.version === version ? before.times + 1 : 1
  if (times > ROUNDS) throw new Error('the app state comes no further')
  seen.set(collection, { version, times })
}
