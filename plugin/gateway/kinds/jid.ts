import {
  chatKey,
  lidFromDigits,
  parseAddress,
  parseGroupId,
  personAt,
  phoneFromDigits,
  samePerson,
  type Chat,
  type Person,
} from '../../contract/ids.ts'

/** `user`, `user:device` or `user_agent:device`, then the server. */
const JID = /^([0-9]+)(?:_[0-9]+)?(?::[0-9]+)?@([a-z.]+)$/

const PHONE_SERVERS = new Set(['s.whatsapp.net', 'c.us', 'hosted'])
const LID_SERVERS = new Set(['lid', 'hosted.lid'])

/** The person that a JID names, without the device; null for groups, broadcasts, newsletters and bots. */
export function personOfJid(jid: string | null | undefined): Person | null {
  const [, digits, server] = JID.exec(jid ?? '') ?? []
  if (digits === undefined || server === undefined) return null
  const lid = LID_SERVERS.has(server) ? lidFromDigits(digits) : null
  const phone = PHONE_SERVERS.has(server) ? phoneFromDigits(digits) : null
  return lid || phone ? { lid, phone } : null
}

/** The person named by a JID and by the second address beside it, which is used only where it adds one. */
export function personOfJids(jid: string | null | undefined, other: string | null | undefined): Person | null {
  const person = personOfJid(jid)
  if (!person) return null
  const more = personOfJid(other)
  return { lid: person.lid ?? more?.lid ?? null, phone: person.phone ?? more?.phone ?? null }
}

/** The group that a JID names, or null. */
export const groupOfJid = (jid: string | null | undefined) => parseGroupId(jid ?? '')

/** Whether a JID names a broadcast list. The list of a status is not one. */
export const isBroadcastList = (jid: string | null | undefined): boolean => /^[0-9]+@broadcast$/.test(jid ?? '')

/** Which of a person's two addresses a stanza uses, in WhatsApp's terms; a group has one mode for all its members. */
export type AddressingMode = 'lid' | 'pn'

/**
 * A person's JID in this mode, or in the other mode if only that address is known.
 * @throws TypeError for a person without any address.
 */
export function jidIn(mode: AddressingMode, { lid, phone }: Person): string {
  return jidOfPerson(mode === 'lid' && lid ? { lid, phone: null } : { lid, phone })
}

/** The modes of a person's known addresses. */
export const modesOf = ({ lid, phone }: Person): AddressingMode[] => [
  ...(lid ? (['lid'] as const) : []),
  ...(phone ? (['pn'] as const) : []),
]

/** The mode in which a JID names a person; null if it names none. */
export function modeOfJid(jid: string | null | undefined): AddressingMode | null {
  const person = personOfJid(jid)
  return person && (person.lid ? 'lid' : 'pn')
}

/**
 * The JID by which others name a person: by phone number if it is known. It does not tell at which address they are written to.
 * @throws TypeError for a person without any address.
 */
export function jidOfPerson(person: Person): string {
  if (person.phone) return `${person.phone.slice(1)}@s.whatsapp.net`
  if (person.lid) return `${person.lid}@lid`
  throw new TypeError('a person has a LID or a phone number')
}

/** The conversation that a JID names, or null. */
export function chatOfJid(jid: string): Chat | null {
  const group = groupOfJid(jid)
  if (group) return { kind: 'group', group }
  const peer = personOfJid(jid)
  return peer && { kind: 'direct', peer }
}

/** The JID of a conversation. */
export const jidOfChat = (chat: Chat): string => (chat.kind === 'group' ? chat.group : jidOfPerson(chat.peer))

/** The JID of an address as used on the wire; null if the text is no address. */
export function jidOfAddress(text: string): string | null {
  const address = parseAddress(text)
  if (!address) return null
  return address.kind === 'group' ? address.group : jidOfPerson(personAt(address))
}

/** Whether two conversations are the same, when each person has all their known addresses. */
export function sameChat(left: Chat, right: Chat, complete: (person: Person) => Person): boolean {
  if (left.kind === 'group' || right.kind === 'group') return chatKey(left) === chatKey(right)
  return samePerson(complete(left.peer), complete(right.peer))
}

/** Whether one of the JIDs names the person. */
export function namesPerson(jids: readonly string[], person: Person): boolean {
  return jids.some(jid => {
    const named = personOfJid(jid)
    return named !== null && samePerson(named, person)
  })
}
