import { companionName, personalAddress, type Companion } from '../world/accounts.ts'
import { formatAddress, parseAddress } from '../wire/address.ts'
import { placeOf } from '../protocol/addressing.ts'
import { putFileAgain } from './file-again.ts'
import type { KeyBundle } from '../crypto/phone-signal.ts'
import { readSignedPreKey } from '../protocol/encrypt.ts'
import { ProtocolBreach } from '../protocol/query.ts'
import { sayAgain } from '../phone/speaking.ts'
import { attribute, bytes, child, children, readBigEndian, secondsNow, stanza, type Stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'

/** Handles a linked device's receipt: it has received a message, has read it, or cannot decrypt it. */
export function takeReceipt(world: World, companion: Companion, node: Stanza): void {
  const id = attribute(node, 'id')
  if (id === undefined) throw new ProtocolBreach('receipt without id')
  const type = attribute(node, 'type') ?? 'delivered'
  const items = children(child(node, 'list'), 'item').map(item => attribute(item, 'id') ?? '')
  for (const each of [id, ...items]) {
    world.ledger.writeMessage(each, record => {
      record.receiptsTo.push([attribute(node, 'to'), attribute(node, 'participant')].filter(Boolean).join(' '))
      if (type !== 'read' && type !== 'read-self') return void record.receipts.push(type)
      record.reads += 1
      record.readAt.push(placeOf(parseAddress(attribute(node, 'to'))))
    })
  }
  if (!world.behaviours.requires_message_acks) companion.queue.settle(node)
  const attributes = { class: 'receipt', id, from: attribute(node, 'to'), type: attribute(node, 'type') }
  companion.connection?.send(stanza('ack', { ...attributes, t: secondsNow() }))
  if (type === 'server-error') putFileAgain(world, companion, node)
  if (type === 'retry') retry(world, companion, { id, node })
}

/** Makes the sender send the message again: a phone of this network, or a linked device, which gets the retry receipt. */
function retry(world: World, companion: Companion, { id, node }: { id: string; node: Stanza }): void {
  world.ledger.writeMessage(id, record => record.retries++)
  const message = world.messages.find(id)
  const author = message?.author.companions.get(message.device)
  if (message && author) {
    const mode = attribute(node, 'to')?.endsWith('@s.whatsapp.net') ? 's.whatsapp.net' : 'lid'
    const self = formatAddress({ ...personalAddress(companion.account, mode), device: companion.number })
    const route = 'group' in message.chat ? { from: message.chat.group.id, participant: self } : { from: self }
    author.queue.post(stanza('receipt', { id, type: 'retry', ...route, t: secondsNow() }, children(node)))
    return
  }
  sayAgain(world, companion, { id, bundle: readBundle(companion, node) }).catch((error: unknown) => {
    const why = `retry for ${companionName(companion)}: ${String(error)}`
    world.ledger.write(page => page.unknown.push({ stanza: 'receipt type=retry', why }))
  })
}

function readBundle({ identityKey, registrationId }: Companion, node: Stanza): KeyBundle | undefined {
  const keys = child(node, 'keys')
  if (!keys) return undefined
  if (!bytes(child(keys, 'identity'))?.equals(identityKey)) throw new ProtocolBreach('retry with another identity')
  const preKey = child(keys, 'key')
  const keyId = readBigEndian(bytes(child(preKey, 'id')))
  const publicKey = bytes(child(preKey, 'value'))
  const signedPreKey = readSignedPreKey(child(keys, 'skey'), identityKey)
  const oneTime = keyId !== undefined && publicKey ? { keyId, publicKey } : undefined
  return { registrationId, identityKey, signedPreKey, preKey: oneTime }
}
