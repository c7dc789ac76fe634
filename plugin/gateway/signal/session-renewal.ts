import { jidDecode, type SignalRepositoryWithLIDStore } from '@whiskeysockets/baileys'

import type { KeyBundles } from './pre-key-bundles.ts'
import type { RatchetKeys } from './key-transactions.ts'
import { isOpenWith, type SessionRecord } from './session-record.ts'

type Offer = Parameters<SignalRepositoryWithLIDStore['injectE2ESession']>[0]

/** Decides whether a new session is started with the keys that were received for a device. */
export type SessionRenewal = {
  /** This device could not read what we sent. */
  readonly askedAgain: (jid: string) => void
  /**
   * Whether a usable session already exists. Baileys fetches keys, and would start another session, each time it looks up a
   * person's devices: after each login, and every five minutes. Messages that were sent to us in the meantime belong to the session
   * before.
   */
  readonly isNeedless: (stock: SignalRepositoryWithLIDStore, keys: RatchetKeys, offer: Offer) => Promise<boolean>
}

export function createSessionRenewal(bundles: KeyBundles): SessionRenewal {
  const asking = new Set<string>()
  return {
    askedAgain: jid => void asking.add(deviceOf(jid)),
    isNeedless: async (stock, keys, { jid, session }) => {
      const phone = await stock.lidMapping.getPNForLID(jid)
      const names = [jid, ...(phone ? [phone] : [])].map(deviceOf)
      const hasAsked = names.filter(name => asking.delete(name)).length > 0
      // The keys in a retry receipt are those of a device that has lost the session.
      if (hasAsked || !bundles.brought(session.signedPreKey.signature)) return false
      const address = stock.jidToSignalProtocolAddress(jid)
      const { [address]: record } = await keys.get('session', [address])
      return isOpenWith(record as SessionRecord | undefined, session)
    },
  }
}

function deviceOf(jid: string): string {
  const { user, device = 0, server } = jidDecode(jid) ?? { user: jid, server: '' }
  return `${user}:${device}@${server}`
}
