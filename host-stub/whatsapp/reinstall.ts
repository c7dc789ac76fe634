import { randomInt } from 'node:crypto'
import { personalAddress, type Account } from './accounts.ts'
import { formatAddress } from './address.ts'
import { removeCompanion } from './endings.ts'
import { makeKeyPair } from './keys.ts'
import { makeMessageId } from './message-id.ts'
import { PhoneGroups } from './phone-groups.ts'
import { PhoneSignal } from './phone-signal.ts'
import { secondsNow, stanza, type Stanza } from './stanza.ts'
import type { World } from './world.ts'

/** The app is installed anew: another identity and no session, every linked device removed, and all others are told. */
export function reinstall(world: World, account: Account): void {
  for (const companion of account.companions.values()) removeCompanion(companion)
  account.identity = makeKeyPair()
  account.signal = new PhoneSignal(account.identity, randomInt(1, 16_380))
  account.groups = new PhoneGroups()
  account.asked.clear()
  const servers = ['lid', 's.whatsapp.net'] as const
  const phone = servers.map(server => stanza('device', { jid: formatAddress(personalAddress(account, server)) }))
  tellOthers(world, account, { type: 'encrypt', news: stanza('identity') })
  tellOthers(world, account, { type: 'devices', news: stanza('update', {}, phone) })
}

function tellOthers(world: World, account: Account, { type, news }: { type: string; news: Stanza }): void {
  const from = formatAddress(personalAddress(account, 'lid'))
  const others = world.accounts.all().filter(other => other !== account)
  for (const { queue } of others.flatMap(({ companions }) => [...companions.values()])) {
    queue.post(stanza('notification', { type, from, id: makeMessageId(), t: secondsNow() }, [news]))
  }
}
