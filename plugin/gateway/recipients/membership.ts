import { getBinaryNodeChildren, type BinaryNode } from '@whiskeysockets/baileys'

import type { GroupId } from '../../contract/ids.ts'
import { groupOfJid } from '../kinds/jid.ts'

/** A member as WhatsApp names them: by one address, and perhaps by the other one too. */
export type Named = {
  readonly jid: string
  readonly other: string | null
  readonly admin: 'admin' | 'superadmin' | null
}

/** The members who joined or left a group, or who became or ceased to be its admins, as one notification reports it. */
export type MembershipChange = {
  readonly group: GroupId
  readonly added: readonly Named[]
  readonly removed: readonly Named[]
  /** Members who are admins from now on, and members who no longer are. */
  readonly promoted: readonly Named[]
  readonly demoted: readonly Named[]
  /** Something changed that these lists do not tell: the group has to be asked for. */
  readonly unclear: boolean
}

/** Changes that affect neither who is a member nor how members are written to. */
const HARMLESS = new Set(['subject', 'description', 'picture', 'invite', 'promote', 'demote', 'locked', 'unlocked'])

/** The change of a group's members that a notification reports; null when it is about something else. */
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
