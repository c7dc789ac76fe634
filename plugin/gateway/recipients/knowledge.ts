import { getBinaryNodeChild, getBinaryNodeChildren, type BinaryNode, type WASocket } from '@whiskeysockets/baileys'

import { type Person, samePerson } from '../../contract/ids.ts'
import { hostedApart, usersIn } from './device-answers.ts'
import { userOf, type DeviceCache } from './device-cache.ts'
import type { GroupCache } from './group-cache.ts'
import type { GroupKeys } from './group-keys.ts'
import { groupOfJid, personOfJid, personOfJids } from '../kinds/jid.ts'
import { membershipIn } from './membership.ts'
import { hashIn, participantHash } from './participant-hash.ts'

/** What the account knows of others, and what makes that out of date: notifications, acks, retry receipts. */
export type Knowledge = {
  /** Gets a notification before Baileys does. @throws when its consequences cannot be stored. */
  readonly told: (notification: BinaryNode) => void
  /** The server's ack for a message of ours. */
  readonly acknowledged: (ack: BinaryNode) => void
  /** Returns the answer to a query in a form that Baileys can read. */
  readonly answered: (answer: BinaryNode) => BinaryNode
  /**
   * Whether Baileys may get a stanza. Null: at once. Else resolves to true if Baileys is to get it, to false if it is only to be
   * acknowledged.
   */
  readonly held: (stanza: BinaryNode, socket: WASocket) => Promise<boolean> | null
  /** There is another connection: what happened in between may be reported late. */
  readonly connecting: () => void
}

export type KnowledgePorts = {
  readonly groups: GroupCache
  readonly groupKeys: GroupKeys
  readonly devices: DeviceCache
  readonly complete: (person: Person) => Person
  readonly self: () => Person
  /** The JID of this device, by number or by LID. */
  readonly ownJid: (by: 'lid' | 'phone') => string | undefined
  readonly firmly: (write: () => void) => void
  /** Closes the sessions with this person's phone. Messages that were written in them can still be read. */
  readonly closeSessions: (person: Person) => Promise<void>
  /** A person asked for a message of a group that they are not in. */
  readonly refused: () => void
}

/** The number of chats to remember in which the server knows other devices than it told us of. */
const KEPT_DIFFERENCES = 500

export function createKnowledge(ports: KnowledgePorts): Knowledge {
  const { groups, groupKeys, devices, complete } = ports
  const differences = new Map<string, string>()
  return {
    told: notification => {
      const change = membershipIn(notification)
      if (change) groups.changed(change)
      devices.forget(usersChanged(notification, ports))
      const person = identityIn(notification, ports)
      if (person) ports.firmly(() => groupKeys.renewFor(person))
    },
    acknowledged: ({ attrs }) => {
      const [theirs, from = ''] = [hashIn(attrs['phash']), attrs['from']]
      if (theirs === null || attrs['error'] !== undefined) return
      const users = usersOf(from, ports)
      const ours = participantHash(devicesOf(from, users, ports))
      // Ask only once: if the hash still differs after that, it means something else.
      if (ours === theirs || differences.get(from) === `${theirs} ${ours}`) return
      differences.delete(from)
      differences.set(from, `${theirs} ${ours}`)
      const [oldest] = differences.keys()
      if (differences.size > KEPT_DIFFERENCES && oldest !== undefined) differences.delete(oldest)
      devices.forget(users)
      groups.doubt(from)
    },
    answered: answer => {
      devices.answered(usersIn(answer))
      return hostedApart(answer)
    },
    held: (stanza, socket) => {
      if (stanza.tag === 'receipt') return askedAgain(stanza, socket, ports)
      // Baileys renews the session for a live notification, and ignores one of the backlog.
      const person = stanza.attrs['offline'] === undefined ? null : identityIn(stanza, ports)
      return person && ports.closeSessions(complete(person)).then(() => false)
    },
    connecting: () => {
      devices.store.flushAll()
      groups.doubtAll()
      groupKeys.forgetChecks()
    },
  }
}

/** The person whose phone has another identity; null for our own phone, which does not affect the sessions with others. */
function identityIn({ tag, attrs, content }: BinaryNode, { complete, self }: KnowledgePorts): Person | null {
  const isIdentity = tag === 'notification' && attrs['type'] === 'encrypt' && Array.isArray(content)
  const person = isIdentity && content.some(child => child.tag === 'identity') ? personOfJid(attrs['from']) : null
  return person && !samePerson(person, self()) ? complete(person) : null
}

/** The users whose devices have changed by a notification, under both of their addresses. */
function usersChanged(notification: BinaryNode, { complete }: KnowledgePorts): string[] {
  const { tag, attrs, content } = notification
  const isOwn = attrs['type'] === 'account_sync' && getBinaryNodeChild(notification, 'devices') !== undefined
  const isIdentity = attrs['type'] === 'encrypt' && getBinaryNodeChild(notification, 'identity') !== undefined
  if (tag !== 'notification' || !(attrs['type'] === 'devices' || isOwn || isIdentity)) return []
  const children = Array.isArray(content) ? content : []
  const named = children.flatMap(child => getBinaryNodeChildren(child, 'device').map(({ attrs: { jid } }) => jid))
  const people = [personOfJids(attrs['from'], attrs['lid']), ...named.map(personOfJid)]
  return [...new Set(people.flatMap(person => (person ? digitsOf(complete(person)) : [])))]
}

const digitsOf = ({ lid, phone }: Person): string[] => [...(lid ? [lid] : []), ...(phone ? [phone.slice(1)] : [])]

/** The digits of the people whom a chat is with, in the mode of the chat. */
function usersOf(chat: string, { groups, ownJid }: KnowledgePorts): string[] {
  if (groupOfJid(chat)) return (groups.known(chat)?.participants ?? []).map(({ id }) => userOf(id))
  return [...new Set([userOf(chat), userOf(ownJid(isByLid(chat) ? 'lid' : 'phone'))])]
}

/** The devices that a message to the chat was for, ours among them. */
function devicesOf(chat: string, users: readonly string[], { groups, devices, ownJid }: KnowledgePorts): string[] {
  const isGroup = groupOfJid(chat) !== null
  const byLid = isGroup ? groups.known(chat)?.participants.some(({ id }) => isByLid(id)) : isByLid(chat)
  const known = users.flatMap(user => devices.known(user)).filter(jid => !isGroup || !/@hosted(\.lid)?$/.test(jid))
  const own = ownJid(byLid ? 'lid' : 'phone')
  return own ? [...known, own] : known
}

const isByLid = (jid: string): boolean => /@(hosted\.)?lid$/.test(jid)

/** A message of a group is sent again only to its members, because the group's sender key is sent with it. */
function askedAgain(receipt: BinaryNode, socket: WASocket, ports: KnowledgePorts): Promise<boolean> | null {
  const { attrs } = receipt
  const [group, device = ''] = [groupOfJid(attrs['from']), attrs['participant'] ?? attrs['from']]
  if (attrs['type'] !== 'retry') return null
  const { groups, groupKeys, devices, refused } = ports
  const person = personOfJid(device)
  // The device may not be in the list.
  if (!devices.known(userOf(device)).includes(device)) devices.forget([userOf(device)])
  if (!group) return null
  const serve = (): boolean => {
    const isMember = person !== null && groups.isMember(group, person) === true
    if (isMember) groupKeys.alsoGiven(group, device)
    else refused()
    return isMember
  }
  if (!groupKeys.isReady(group)) return groupKeys.ready(group, socket).catch(unlessRefused).then(serve)
  return serve() ? null : Promise.resolve(false)
}

/**
 * An answer with a code means that the group is not ours. Any other error is thrown: WhatsApp was not asked, and is asked another
 * time.
 */
function unlessRefused(error: unknown): void {
  if (typeof (error as { data?: unknown } | null)?.data !== 'number') throw error
}
