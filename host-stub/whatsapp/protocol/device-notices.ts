import { personalAddress, type Account } from '../world/accounts.ts'
import { formatAddress } from '../wire/address.ts'
import { makeMessageId } from '../wire/message-id.ts'
import { inFull, participantHash } from './participant-hash.ts'
import { secondsNow, stanza, type Stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'

/** Notifies the devices of all other accounts, and the account's own, that a device was linked or removed. */
export function announceDevice(
  world: World,
  account: Account,
  { change, device }: { change: 'add' | 'remove'; device: number },
): void {
  const form = world.behaviours.device_notifications
  if (form === 'none') return
  const { user, server } = personalAddress(account, form === 'lid' ? 'lid' : 's.whatsapp.net')
  const jidOf = (number: number) => formatAddress({ user, server, device: number })
  const numbers = [0, ...account.companions.keys()]
  const hash = participantHash(numbers.map(number => inFull(user, number, server)))
  const changed = stanza('device', { jid: jidOf(device), 'key-index': String(device) })
  tellOthers(world, account, {
    from: jidOf(0),
    type: 'devices',
    news: stanza(change, { device_hash: hash }, [changed, stanza('key-index-list', { ts: secondsNow() })]),
  })
  const own = numbers.map(number => stanza('device', { jid: jidOf(number) }))
  const told = { from: jidOf(0), type: 'account_sync', news: stanza('devices', { dhash: hash }, own) }
  for (const companion of account.companions.values()) if (companion.number !== device) post(companion, told)
}

/** Notifies the linked devices of all other accounts. */
export function tellOthers(world: World, account: Account, told: Told): void {
  const others = world.accounts.all().filter(other => other !== account)
  for (const companion of others.flatMap(({ companions }) => [...companions.values()])) post(companion, told)
}

interface Told {
  from: string
  type: string
  news: Stanza
}

function post({ queue }: { queue: { post(node: Stanza): void } }, { from, type, news }: Told): void {
  queue.post(stanza('notification', { type, from, id: makeMessageId(), t: secondsNow() }, [news]))
}
