import type { Account } from './accounts.ts'
import type { Group } from './groups.ts'
import { makeMessageId } from './message-id.ts'
import { describeMember } from './queries/groups.ts'
import { addressOf } from './speaking.ts'
import { secondsNow, stanza } from './stanza.ts'

export function admitToGroup(group: Group, comers: Account[]): void {
  if (comers.length === 0) return
  group.members.push(...comers.filter(comer => !group.members.includes(comer)))
  tell(group, 'add', comers)
}

export function removeFromGroup(group: Group, goers: Account[]): void {
  if (goers.length === 0) return
  tell(group, 'remove', goers)
  group.members = group.members.filter(member => !goers.includes(member))
}

/** What the devices of the members are told by the first member, who is the group's admin. */
function tell(group: Group, change: 'add' | 'remove', whom: Account[]): void {
  const [admin] = group.members
  const described = whom.map(member => describeMember(group, member, false))
  const devices = group.members.flatMap(({ companions }) => [...companions.values()])
  for (const { queue } of devices) {
    const participant = admin && addressOf(admin, group.addressingMode)
    const attributes = { type: 'w:gp2', from: group.id, id: makeMessageId(), participant, t: secondsNow() }
    queue.post(stanza('notification', attributes, [stanza(change, {}, described)]))
  }
}
