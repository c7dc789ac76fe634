import { companionName, personalAddress, type Account } from '../world/accounts.ts'
import type { Behaviours } from '../world/behaviours.ts'
import { formatAddress, parseAddress, type Address } from '../wire/address.ts'
import { hostedNumber } from './hosted-device.ts'
import { instantNow } from '../world/ledger.ts'
import { attribute, child, children, stanza, text, type Stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'
import { ProtocolBreach, type Query } from './query.ts'

const knownProtocols = new Set(['devices', 'lid', 'contact'])

/** `usync`: a person's devices and LID, and whether a number is on WhatsApp; undefined if the query gets no answer. */
export function answerUsync({ world, companion, node }: Query): Stanza[] | undefined {
  const asked = child(node, 'usync')
  const protocols = children(child(asked, 'query')).map(({ tag }) => tag)
  if (!asked || protocols.some(protocol => !knownProtocols.has(protocol))) {
    throw new ProtocolBreach('unknown usync protocol')
  }
  const list = children(child(asked, 'list'), 'user')
  if (protocols.includes('contact')) {
    const entry = { device: companionName(companion), numbers: list.map(numberIn), at: instantNow() }
    world.ledger.write(page => page.lookups.push(entry))
    const { contact_query: met } = world.behaviours
    if (met === 'hangs') return undefined
    if (met === 'nonsense')
      return [stanza('usync', asked.attrs, [stanza('list', {}, [stanza('user', { jid: 'nonsense' })])])]
    if (met !== 'answered') return [stanza('error', { code: String(met), text: 'refused' })]
  }
  const users = list.flatMap(user => answerUser(world, user, protocols))
  const results = stanza(
    'result',
    {},
    protocols.map(protocol => stanza(protocol)),
  )
  return [stanza('usync', asked.attrs, [results, stanza('list', {}, users)])]
}

const numberIn = (user: Stanza): string => text(child(user, 'contact'))?.replace(/^\+/, '') ?? ''

function answerUser(world: World, user: Stanza, protocols: string[]): Stanza[] {
  const asked = numberIn(user)
  const address: Address | undefined = asked
    ? { user: world.behaviours.contact_spellings[asked] ?? asked, server: 's.whatsapp.net', device: 0 }
    : parseAddress(attribute(user, 'jid'))
  if (!address) return []
  const account = world.accounts.at(address)
  const jid = formatAddress({ ...address, device: 0 })
  const answers = protocols.flatMap(protocol => answerProtocol(world, protocol, { address, account }))
  const names = asked && account ? namesOf(world.behaviours.contact_names, jid, account) : { jid }
  return [stanza('user', names, answers)]
}

function namesOf(how: Behaviours['contact_names'], number: string, account: Account): Record<string, string> {
  if (how === 'lid_alone') return {}
  return how === 'number' ? { jid: number } : { jid: formatAddress(personalAddress(account, 'lid')), pn_jid: number }
}

function answerProtocol(
  { behaviours }: World,
  protocol: string,
  { address, account }: { address: Address; account: Account | undefined },
): Stanza[] {
  if (protocol === 'contact') return [stanza('contact', { type: account ? 'in' : 'out' })]
  if (!account) return []
  if (protocol === 'devices') {
    const listed = behaviours.deviceless.includes(account.phoneNumber) ? [] : devices(account)
    return [stanza('devices', {}, [stanza('device-list', {}, listed)])]
  }
  // The real server maps a number to its LID and never the other way round.
  if (address.server === 'lid') return []
  return [stanza('lid', { val: formatAddress(personalAddress(account, 'lid')) })]
}

function devices(account: Account): Stanza[] {
  const linked = [...account.companions.values()].map(({ number, keyIndex }) =>
    stanza('device', { id: String(number), 'key-index': String(keyIndex) }),
  )
  // Before the linked devices: in this position Baileys treats all devices that follow as hosted as well.
  const number = String(hostedNumber)
  const hosted = account.hosted && stanza('device', { id: number, 'key-index': number, is_hosted: 'true' })
  return [stanza('device', { id: '0' }), ...(hosted ? [hosted] : []), ...linked]
}
