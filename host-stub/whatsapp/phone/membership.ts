import type { Account } from '../world/accounts.ts'
import type { Group } from '../world/groups.ts'
import { makeMessageId } from '../wire/message-id.ts'
import { describeMember } from '../protocol/groups.ts'
import { addressOf } from './speaking.ts'
import { secondsNow, stanza, type Stanza } from '../wire/stanza.ts'
import type { World } from '../world/world.ts'

/** A change that somebody makes to a group. */
export interface GroupDeed {
  by: Account
  add: Account[]
  remove: Account[]
  promote: Account[]
  demote: Account[]
  subject: string | undefined
}

/** Changes a group, and notifies the devices of all current and former members of each change. */
export function changeMembership(
  world: World,
  group: Group,
  { by, add, remove, promote, demote, subject }: GroupDeed,
): void {
  const tellOf: Teller = (whom, change) => tellOfMembers(world, { group, by }, { change, whom })
  group.members.push(...add.filter(comer => !group.members.includes(comer)))
  tellOf(add, 'add')
  for (const admin of promote) group.admins.add(admin)
  tellOf(promote, 'promote')
  for (const member of demote) group.admins.delete(member)
  tellOf(demote, 'demote')
  if (subject !== undefined) {
    group.subject = subject
    tell(group, by, stanza('subject', { subject, s_t: secondsNow() }))
  }
  tellOf(remove, 'remove')
  group.members = group.members.filter(member => !remove.includes(member))
}

type Teller = (whom: Account[], change: string) => void

function tellOfMembers(
  world: World,
  { group, by }: { group: Group; by: Account },
  { change, whom }: { change: string; whom: Account[] },
): void {
  const form = world.behaviours.membership_notifications
  if (whom.length === 0 || form === 'none') return
  const other = group.addressingMode === 'lid' ? 'pn' : 'lid'
  const named = form === 'other' ? ({ ...group, addressingMode: other } as const) : group
  const described = whom.map(member => describeMember(world, named, member))
  tell(group, by, stanza(change, {}, described))
}

/** Notifies the devices of all members of a change. */
export function tell(group: Group, by: Account, change: Stanza): void {
  const devices = group.members.flatMap(({ companions }) => [...companions.values()])
  for (const { queue } of devices) {
    const attributes = {
      type: 'w:gp2',
      from: group.id,
      id: makeMessageId(),
      participant: addressOf(by, group.addressingMode),
      notify: by.pushName,
      t: secondsNow(),
      ...(group.addressingMode === 'lid' && group.revealsAlternates ? { participant_pn: addressOf(by, 'pn') } : {}),
    }
    queue.post(stanza('notification', attributes, [change]))
  }
}
