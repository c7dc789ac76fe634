import { formatAddress, parseAddress } from '../wire/address.ts'
import { isHidden } from './addressing.ts'
import { personalAddress, type Account } from '../world/accounts.ts'
import type { Group } from '../world/groups.ts'
import { attribute, child, stanza, type Stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'
import { ProtocolBreach, type Query } from './query.ts'

/** `w:g2`: the members of a group, and the groups of the account. */
export function answerGroups({ world, companion, node }: Query): Stanza[] {
  const asked = child(node)
  if (asked?.tag === 'participating') {
    return [
      stanza(
        'groups',
        {},
        world.groups.of(companion.account).map(group => describe(world, group)),
      ),
    ]
  }
  if (asked?.tag !== 'query') throw new ProtocolBreach('unknown group query')
  const refused = world.faults.groupQuery
  if (refused !== undefined) return [stanza('error', { code: String(refused), text: 'refused' })]
  const address = parseAddress(attribute(node, 'to'))
  const group = address && world.groups.at(address)
  if (!group?.members.includes(companion.account)) {
    return [stanza('error', { code: '403', text: 'forbidden' })]
  }
  return [describe(world, group)]
}

function describe(world: World, group: Group): Stanza {
  const [creator] = group.members
  const seconds = String(Math.floor(group.createdAt / 1000))
  const attributes = {
    id: group.id.split('@')[0],
    subject: group.subject,
    creation: seconds,
    s_t: seconds,
    addressing_mode: group.addressingMode,
    creator: creator && formatAddress(memberAddress(group, creator)),
    size: String(group.members.length),
  }
  return stanza('group', attributes, [
    ...(group.timer && group.timer.seconds > 0
      ? [stanza('ephemeral', { expiration: String(group.timer.seconds) })]
      : []),
    ...group.members.map(member => describeMember(world, group, member)),
  ])
}

export function describeMember({ behaviours }: World, group: Group, member: Account): Stanza {
  const alternate =
    group.addressingMode === 'lid'
      ? { phone_number: formatAddress(personalAddress(member, 's.whatsapp.net')) }
      : { lid: formatAddress(personalAddress(member, 'lid')) }
  const jid = formatAddress(memberAddress(group, member))
  const isHiddenHere = isHidden(behaviours, member) && group.addressingMode === 'lid'
  const revealed = group.revealsAlternates && !isHiddenHere ? alternate : {}
  const isAdmin = group.admins.has(member)
  return stanza('participant', { jid, ...revealed, type: isAdmin ? 'admin' : undefined })
}

function memberAddress(group: Group, member: Account) {
  return personalAddress(member, group.addressingMode === 'lid' ? 'lid' : 's.whatsapp.net')
}
