/**
 * Creates and parses every id that crosses a boundary; no other module does.
 *
 * On the wire and in rules a person is E.164 (`+972500000001`) if the number is known, else `lid:<digits>`; a group is
 * `<digits>@g.us`. Raw WhatsApp JIDs and device suffixes never leave `gateway/`.
 */

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** An organisation of the host: `[A-Za-z0-9_-]{1,64}`. */
export type OrgId = Branded<'OrgId'>
/** The name of a linked WhatsApp login within an org: `[A-Za-z0-9_-]{1,64}`, `default` unless said otherwise. */
export type AccountName = Branded<'AccountName'>
/** A WhatsApp group: `<digits>@g.us`, or the older `<digits>-<digits>@g.us`. */
export type GroupId = Branded<'GroupId'>
/** A phone number in E.164: `+` and 7 to 15 digits. */
export type Phone = Branded<'Phone'>
/** The digits of a WhatsApp LID, the address that hides a phone number. */
export type Lid = Branded<'Lid'>
/** A person or a group as written on the wire: `+…`, `lid:…` or `…@g.us`. */
export type Address = Branded<'Address'>

/** The org that exists from the host's first start; its owner administers what belongs to the whole host. */
export const LOCAL_ORG = 'org_local' as OrgId

/** The account of a request that names none. */
export const DEFAULT_ACCOUNT = 'default' as AccountName

/** One linked login of one org. */
export type AccountKey = { readonly org: OrgId; readonly account: AccountName }

/** An account as one string: a key for maps of this process, never stored. */
export const accountId = ({ org, account }: AccountKey): string => `${org}/${account}`

/**
 * A person: the set of addresses that WhatsApp has for them. At least one is known. If both are known, the LID is the canonical
 * one; either may become known later.
 */
export type Person = { readonly lid: Lid | null; readonly phone: Phone | null }

/** A conversation: with one person, or a group. */
export type Chat =
  { readonly kind: 'direct'; readonly peer: Person } | { readonly kind: 'group'; readonly group: GroupId }

/** What an address on the wire names; {@link parseAddress} returns `null` if it names nothing. */
export type ParsedAddress =
  | { readonly kind: 'phone'; readonly phone: Phone }
  | { readonly kind: 'lid'; readonly lid: Lid }
  | { readonly kind: 'group'; readonly group: GroupId }

/** The pattern for names of orgs and accounts. */
export const NAME = /^[A-Za-z0-9_-]{1,64}$/
const PHONE = /^\+[1-9][0-9]{6,14}$/
const LID = /^[0-9]{1,20}$/
const GROUP = /^[0-9]{5,25}(-[0-9]{5,15})?@g\.us$/

/** The org named by `text`, or null when the name is not allowed. */
export function parseOrgId(text: string): OrgId | null {
  return NAME.test(text) ? (text as OrgId) : null
}

/** The account named by `text`, or null when the name is not allowed. */
export function parseAccountName(text: string): AccountName | null {
  return NAME.test(text) ? (text as AccountName) : null
}

/** The phone number in `text`, or null if it is not E.164. Spaces, dots, dashes and brackets are ignored. */
export function parsePhone(text: string): Phone | null {
  const bare = text.replace(/[\s().-]/g, '')
  return PHONE.test(bare) ? (bare as Phone) : null
}

/** The phone number whose digits (country code first, no plus) are `digits`, as WhatsApp writes them; null if it is none. */
export function phoneFromDigits(digits: string): Phone | null {
  return PHONE.test(`+${digits}`) ? (`+${digits}` as Phone) : null
}

/** The LID whose digits are `digits`, or null if they are none. */
export function lidFromDigits(digits: string): Lid | null {
  return LID.test(digits) ? (digits as Lid) : null
}

/** The group named by `text`, or null. */
export function parseGroupId(text: string): GroupId | null {
  return GROUP.test(text) ? (text as GroupId) : null
}

/** What `text` names: a phone number, a LID or a group; null when it is none of the three. */
export function parseAddress(text: string): ParsedAddress | null {
  const group = parseGroupId(text)
  if (group) return { kind: 'group', group }
  if (text.startsWith('lid:')) {
    const lid = lidFromDigits(text.slice(4))
    return lid && { kind: 'lid', lid }
  }
  const phone = parsePhone(text)
  return phone && { kind: 'phone', phone }
}

/** The person with a parsed phone number or LID; only that one address is known. */
export function personAt(address: Exclude<ParsedAddress, { kind: 'group' }>): Person {
  return address.kind === 'phone' ? { phone: address.phone, lid: null } : { phone: null, lid: address.lid }
}

/**
 * The person's address on the wire: the phone number if known, else the LID.
 * @throws TypeError for a person without any address; no part of the channel creates one.
 */
export function addressOfPerson(person: Person): Address {
  if (person.phone) return person.phone as string as Address
  if (person.lid) return `lid:${person.lid}` as Address
  throw new TypeError('a person has a LID or a phone number')
}

/**
 * The key by which rows about a person are looked up: the LID if known, else the phone number.
 * @throws TypeError for a person without any address.
 */
export function canonicalKey(person: Person): Address {
  return person.lid ? (`lid:${person.lid}` as Address) : addressOfPerson(person)
}

/** The conversation's address on the wire: the peer's address, or the group's id. */
export function addressOfChat(chat: Chat): Address {
  return chat.kind === 'group' ? (chat.group as string as Address) : addressOfPerson(chat.peer)
}

/** The key by which rows about a conversation are looked up: the peer's canonical key, or the group's id. */
export function chatKey(chat: Chat): Address {
  return chat.kind === 'group' ? (chat.group as string as Address) : canonicalKey(chat.peer)
}

/** Whether two persons share an address, and so are the same. */
export function samePerson(left: Person, right: Person): boolean {
  return (left.lid !== null && left.lid === right.lid) || (left.phone !== null && left.phone === right.phone)
}

/** A phone number as a log line may show it: `+972•••01`. A LID is shown by its last two digits. */
export function masked(person: Person): string {
  const { phone, lid } = person
  return phone ? `${phone.slice(0, 4)}•••${phone.slice(-2)}` : `lid:•••${(lid ?? '').slice(-2)}`
}
