import { parseAddress, type Address } from '../address.ts'
import { personalAddress, type Account } from '../accounts.ts'
import { formatAddress } from '../address.ts'
import { attribute, child, children, stanza, text, type Stanza } from '../stanza.ts'
import type { World } from '../world.ts'
import { ProtocolBreach, type Query } from './query.ts'

const knownProtocols = new Set(['devices', 'lid', 'contact'])

/** `usync`: which devices a person has, under which LID, and whether a number is on WhatsApp at all. */
export function answerUsync({ world, node }: Query): Stanza[] {
  const asked = child(node, 'usync')
  const protocols = children(child(asked, 'query')).map(({ tag }) => tag)
  if (!asked || protocols.some(protocol => !knownProtocols.has(protocol))) {
    throw new ProtocolBreach('unknown usync protocol')
  }
  const users = children(child(asked, 'list'), 'user').flatMap(user => answerUser(world, user, protocols))
  const results = stanza(
    'result',
    {},
    protocols.map(protocol => stanza(protocol)),
  )
  return [stanza('usync', asked.attrs, [results, stanza('list', {}, users)])]
}

function answerUser(world: World, user: Stanza, protocols: string[]): Stanza[] {
  const phoneNumber = text(child(user, 'contact'))?.replace(/^\+/, '')
  const address: Address | undefined = phoneNumber
    ? { user: phoneNumber, server: 's.whatsapp.net', device: 0 }
    : parseAddress(attribute(user, 'jid'))
  if (!address) return []
  const account = world.accounts.at(address)
  const jid = formatAddress({ ...address, device: 0 })
  const answers = protocols.flatMap(protocol => answerProtocol(protocol, address, account))
  return [stanza('user', { jid }, answers)]
}

function answerProtocol(protocol: string, address: Address, account: Account | undefined): Stanza[] {
  if (protocol === 'contact') return [stanza('contact', { type: account ? 'in' : 'out' })]
  if (!account) return []
  if (protocol === 'devices') return [stanza('devices', {}, [stanza('device-list', {}, devices(account))])]
  // The real server maps a number to its LID and never the other way round.
  if (address.server === 'lid') return []
  return [stanza('lid', { val: formatAddress(personalAddress(account, 'lid')) })]
}

function devices(account: Account): Stanza[] {
  const linked = [...account.companions.values()].map(({ number, keyIndex }) =>
    stanza('device', { id: String(number), 'key-index': String(keyIndex) }),
  )
  return [stanza('device', { id: '0' }), ...linked]
}
