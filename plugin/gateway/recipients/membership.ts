import { getBinaryNodeChildren, type BinaryNode } from '@whiskeysockets/baileys'

import type { GroupId } from '../../contract/ids.ts'
import { groupOfJid } from '../kinds/jid.ts'

/** A member as WhatsApp names one: by an address, and perhaps by the other one too. */
export type Named = {
  readonly jid: string
  readonly other: string | null
  readonly admin: 'admin' | 'superadmin' | null
}

/** Who came into a group, who left it and who became its admin or is none any more, as one notification tells it. */
export type MembershipChange = {
  readonly group: GroupId
  readonly added: readonly Named[]
  readonly removed: readonly Named[]
  /** Members who are admins from now on, and those who are not any more. */
  readonly promoted: readonly Named[]
  readonly demoted: readonly Named[]
  /** Something changed that does not follow from that: the group is to be asked for. */
  readonly unclear: boolean
}

/** Changes that leave members, and how they are written to, as they were. */
const HARMLESS = new Set(['subject', 'description', 'picture', 'invite', 'promote', 'demote', 'locked', 'unlocked'])

/** What a notification says of a group's members; null when it is of something else. */
export function membershipIn({ tag, attrs, content }: BinaryNode): MembershipChange | null {
  const group = groupOfJid(attrs['from'])
  if (tag !== 'notification' || attrs['type'] !== 'w:gp2' || !group) return null
  const told = Array.isArray(content) ? content : []
  const named = (...changes: string[]): Named[] =>
    told
      .filter(each => changes.includes(each.tag))
      .flatMap(each => getBinaryNodeChildren(each, 'participant').flatMap(namedIn))
  const [added, removed] = [named('add'), named('remove', 'leave')]
  const isKnown = ({ tag: change }: BinaryNode): boolean =>
    HARMLESS.has(change) ||
    ((change === 'add' || change === 'remove' || change === 'leave') && added.length + removed.length > 0)
  const [promoted, demoted] = [named('promote'), named('demote')]
  return { group, added, removed, promoted, demoted, unclear: told.length === 0 || !told.every(isKnown) }
}

function namedIn({ attrs }: BinaryNode): Named[] {
  const { jid, phone_number: phone, lid, type } = attrs
  const admin = type === 'admin' || type === 'superadmin' ? type : null
  return jid ? [{ jid, other: phone ?? lid ?? null, admin }] : []
}
