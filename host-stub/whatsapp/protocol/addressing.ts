import { personalAddress, type Account, type Companion } from '../world/accounts.ts'
import { formatAddress, parseAddress, type Address } from '../wire/address.ts'
import type { Addressing, Place } from '../world/ledger.ts'
import type { Chat } from '../world/messages.ts'
import { attribute, child, children, type Stanza } from '../wire/stanza.ts'
import { isTrusted, tokenKindOf } from './tokens.ts'
import type { World } from '../world/world.ts'

const mixedAddresses = 400
const staleMode = 421
const badAddressing = 479
const unwanted = 463
const everybody = '*'

export const placeOf = (address: Address | undefined): Place =>
  address?.server === 'g.us' ? 'group' : address?.server === 'lid' ? 'lid' : 'pn'

export function addressingOf(node: Stanza, to: Address): Addressing {
  return {
    to: placeOf(to),
    peerRecipientPn: attribute(node, 'peer_recipient_pn') ?? null,
    mode: attribute(node, 'addressing_mode') ?? null,
    token: tokenKindOf(node),
  }
}

/** The error code with which the server refuses a message because of its addresses or its token; undefined if it accepts it. */
export function refusalOf(
  world: World,
  from: Companion,
  sent: { to: Address; chat: Chat; node: Stanza },
): number | undefined {
  const { to, chat, node } = sent
  // A message to a single device answers its retry request for a message that was accepted before.
  if (isForOneDevice(node)) return undefined
  if ('group' in chat) {
    const mode = attribute(node, 'addressing_mode')
    const isStale = mode !== undefined && mode !== chat.group.addressingMode
    return isStale && world.behaviours.group_mode_checked ? staleMode : undefined
  }
  if (world.behaviours.mixed_addresses_refused && isMixed(node, to)) return mixedAddresses
  return chat.peer === from.account ? undefined : refusalOfPerson(world, from, { ...sent, peer: chat.peer })
}

const isForOneDevice = (node: Stanza): boolean =>
  ['participant', 'recipient'].some(name => attribute(node, name) !== undefined) ||
  attribute(node, 'category') === 'peer' ||
  attribute(node, 'device_fanout') === 'false'

/** A device hosted by WhatsApp has its own server name for each kind of address. */
const isLid = ({ server }: Address): boolean => server === 'lid' || server === 'hosted.lid'

function isMixed(node: Stanza, to: Address): boolean {
  return children(child(node, 'participants'), 'to').some(target => {
    const address = parseAddress(attribute(target, 'jid'))
    return address !== undefined && isLid(address) !== isLid(to)
  })
}

function refusalOfPerson(
  { behaviours }: World,
  { account }: Companion,
  { to, peer, node }: { to: Address; peer: Account; node: Stanza },
): number | undefined {
  const refused = behaviours.refused_addresses[peer.name] ?? behaviours.refused_addresses[everybody]
  if (refused && (refused === 'lid') === (to.server === 'lid')) return behaviours.refusal_code
  if (to.server === 'lid' && behaviours.peer_recipient_pn_required && !isHidden(behaviours, peer)) {
    const number = formatAddress(personalAddress(peer, 's.whatsapp.net'))
    if (attribute(node, 'peer_recipient_pn') !== number) return badAddressing
  }
  return behaviours.token_required && !isTrusted(account, peer, node) ? unwanted : undefined
}

/** Whether this person's number is revealed to nobody. */
export const isHidden = ({ usernames }: World['behaviours'], { name }: Account): boolean => name in usernames
