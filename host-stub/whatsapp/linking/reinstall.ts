import { randomInt } from 'node:crypto'
import { personalAddress, type Account } from '../world/accounts.ts'
import { formatAddress } from '../wire/address.ts'
import { tellOthers } from '../protocol/device-notices.ts'
import { removeCompanion } from '../protocol/endings.ts'
import { makeKeyPair } from '../crypto/keys.ts'
import { PhoneGroups } from '../world/phone-groups.ts'
import { PhoneSignal } from '../crypto/phone-signal.ts'
import { stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'

/**
 * The app is reinstalled: it gets a new identity and has no sessions, every linked device is removed, and all others are notified.
 */
export function reinstall(world: World, account: Account): void {
  for (const companion of account.companions.values()) removeCompanion(companion)
  account.identity = makeKeyPair()
  account.signal = new PhoneSignal(account.identity, randomInt(1, 16_380))
  account.groups = new PhoneGroups()
  account.asked.clear()
  const servers = ['lid', 's.whatsapp.net'] as const
  const phone = servers.map(server => stanza('device', { jid: formatAddress(personalAddress(account, server)) }))
  const form = world.behaviours.identity_notifications
  if (form === 'none') return
  const from = formatAddress(personalAddress(account, form === 'lid' ? 'lid' : 's.whatsapp.net'))
  tellOthers(world, account, { from, type: 'encrypt', news: stanza('identity') })
  tellOthers(world, account, { from, type: 'devices', news: stanza('update', {}, phone) })
}
