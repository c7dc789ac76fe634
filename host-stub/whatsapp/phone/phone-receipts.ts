import { personalAddress, type Account, type Companion } from '../world/accounts.ts'
import { formatAddress } from '../wire/address.ts'
import type { AddressingMode } from '../world/groups.ts'
import type { Chat } from '../world/messages.ts'
import { bundleStanzas } from '../protocol/encrypt.ts'
import { bigEndian, secondsNow, stanza } from '../wire/stanza.ts'

/** A message of a linked device, from the view of the phone that sends receipts for it. */
export interface Received {
  from: Companion
  to: Account
  id: string
  chat: Chat
  addressedBy: AddressingMode
  /** The device of the account that sends the receipt; the phone by default. */
  device?: number
}

const askLimit = 5

/** Sends the receipt that the message arrived on the phone. */
export function confirmDelivery(received: Received): void {
  received.from.queue.post(stanza('receipt', attributes(received)))
}

/** Sends the receipt that the message was read. */
export function confirmRead(received: Received): void {
  received.from.queue.post(stanza('receipt', { ...attributes(received), type: 'read' }))
}

/** Asks for the message again, with fresh keys for a new session; a phone gives up after a few requests. */
export function askAgain(received: Received): void {
  const count = (received.to.asked.get(received.id) ?? 0) + 1
  if (count > askLimit) return
  received.to.asked.set(received.id, count)
  writeRetry(received, count)
}

/** Sends the retry receipt with this count. */
export function writeRetry(received: Received, count: number): void {
  const [registration, ...keys] = bundleStanzas(received.to.signal.bundle())
  const retry = { count: String(count), id: received.id, t: secondsNow(), v: '1' }
  const content = [
    stanza('retry', retry),
    registration ?? stanza('registration', {}, bigEndian(received.to.signal.registrationId, 4)),
    stanza('keys', {}, keys),
  ]
  received.from.queue.post(stanza('receipt', { ...attributes(received), type: 'retry' }, content))
}

function attributes({ from, to, id, chat, addressedBy, device = 0 }: Received) {
  const write = (account: Account) => {
    const address = personalAddress(account, addressedBy === 'lid' ? 'lid' : 's.whatsapp.net')
    return formatAddress({ ...address, device: account === to ? device : 0 })
  }
  const direct = { from: write(to), recipient: 'peer' in chat && from.account === to ? write(chat.peer) : undefined }
  const route = 'group' in chat ? { from: chat.group.id, participant: write(to) } : direct
  return { id, ...route, t: secondsNow() }
}
