import { DAY_MS, HOUR_MS } from '../../base/durations.ts'
import { CONTACT_KEPT_MS, type Contact } from '../../contract/contact.ts'
import type { AccountKey, AccountName, OrgId, Person, Phone } from '../../contract/ids.ts'
import { listAccountsOf } from '../accounts/accounts.ts'
import { hasWritten } from '../sends/send-history.ts'
import type { Connection } from '../sql/connection.ts'
import { canonicalise, findByPhone, knownPerson, type KnownPerson } from './people.ts'
import type { ChatKey, PersonId } from '../sql/schema.ts'

/** No budget counts lookups older than a day. */
const ASKED_KEPT_MS = DAY_MS + HOUR_MS

/** WhatsApp's answer about a number while it is valid; undefined if there is none. */
export async function findContact(
  connection: Connection,
  { org, account }: AccountKey,
  number: Phone,
): Promise<Contact | undefined> {
  return connection
    .selectFrom('contacts')
    .select(['number', 'address'])
    .where('org', '=', org)
    .where('account', '=', account)
    .where('number', '=', number)
    .where('answered_at', '>', Date.now() - CONTACT_KEPT_MS)
    .executeTakeFirst()
}

async function put(transaction: Connection, { org, account }: AccountKey, { number, address }: Contact): Promise<void> {
  const said = { address, answered_at: Date.now() }
  await transaction
    .insertInto('contacts')
    .values({ org, account, number, ...said })
    .onConflict(conflict => conflict.columns(['org', 'account', 'number']).doUpdateSet(said))
    .execute()
}

/**
 * Stores WhatsApp's answer about a number. A person known by this spelling is now known by the number that WhatsApp returned; two
 * people that this joins become one, with one chat. Needs a transaction.
 */
export async function keepContact(transaction: Connection, key: AccountKey, contact: Contact): Promise<void> {
  await put(transaction, key, contact)
  const { number, address } = contact
  if (address === null || address === number) return
  await put(transaction, key, { number: address, address })
  const person = await canonicalise(transaction, key, { number, address })
  // Waiting sends to a person who turns out to have written are no longer cold.
  if (person && (await hasWritten(transaction, { ...key, chatKey: person })))
    await transaction
      .updateTable('sends')
      .set({ class: 'proactive' })
      .where('chat_key', '=', person)
      .where('org', '=', key.org)
      .where('account', '=', key.account)
      .where('status', '=', 'accepted')
      .where('settled_at', 'is', null)
      .where('class', '=', 'cold')
      .where('transmitted_at', 'is', null)
      .execute()
}

/** The number that WhatsApp returned for a spelling, at any time; the spelling itself if it never did. */
export async function addressOfNumber(connection: Connection, key: AccountKey, number: Phone): Promise<Phone> {
  const row = await connection
    .selectFrom('contacts')
    .select('address')
    .where('org', '=', key.org)
    .where('account', '=', key.account)
    .where('number', '=', number)
    .executeTakeFirst()
  return row?.address ?? number
}

/** The person that an address names, for any spelling of the number. Needs a transaction. */
export async function namedPerson(transaction: Connection, key: AccountKey, person: Person): Promise<KnownPerson> {
  const { phone } = person
  return knownPerson(
    transaction,
    key,
    phone ? { ...person, phone: await addressOfNumber(transaction, key, phone) } : person,
  )
}

/** Whether a person has written to the account from that number. */
export async function hasWrittenFrom(connection: Connection, key: AccountKey, phone: Phone): Promise<boolean> {
  const person: PersonId | undefined = await findByPhone(connection, key, phone)
  return person !== undefined && hasWritten(connection, { ...key, chatKey: person })
}

/** How many number lookups an account may make per hour and per day. */
export type LookupBudget = { readonly perHour: number; readonly perDay: number }

/** When an account may look up another number, ms UTC; null: now. */
export async function nextLookupAt(
  connection: Connection,
  { org, account }: AccountKey,
  { perHour, perDay }: LookupBudget,
): Promise<number | null> {
  const now = Date.now()
  const rows = await connection
    .selectFrom('lookups')
    .select('asked_at')
    .where('org', '=', org)
    .where('account', '=', account)
    .where('asked_at', '>', now - DAY_MS)
    .orderBy('asked_at', 'desc')
    .limit(Math.max(perHour, perDay, 1))
    .execute()
  const free = (count: number, windowMs: number): number => {
    if (count < 1) return now + windowMs
    const leaving = rows[count - 1]
    return leaving ? leaving.asked_at + windowMs : 0
  }
  const at = Math.max(free(perHour, HOUR_MS), free(perDay, DAY_MS))
  return at > now ? at : null
}

/** Records a number lookup before it is made, so that it counts in any case. Needs a transaction. */
export async function noteLookup(transaction: Connection, { org, account }: AccountKey, number: Phone): Promise<void> {
  const now = Date.now()
  await transaction
    .deleteFrom('lookups')
    .where('org', '=', org)
    .where('account', '=', account)
    .where('asked_at', '<', now - ASKED_KEPT_MS)
    .execute()
  await transaction.insertInto('lookups').values({ org, account, number, asked_at: now }).execute()
}

/**
 * The state of a send's recipient: reachable, absent (nobody has the number), or unasked (the number was not looked up yet).
 * `chatKey` and `phone` are the recipient's current ones.
 */
export type Standing = { readonly chatKey: ChatKey } & (
  | { readonly how: 'reachable'; readonly phone: Phone | null }
  | { readonly how: 'absent' | 'unasked'; readonly phone: Phone }
)

/** The standings of these sends' recipients. Recipients who have written, or have no number, need no lookup. */
export async function standingsOf(
  connection: Connection,
  key: AccountKey,
  sends: readonly string[],
): Promise<Map<string, Standing>> {
  const rows = await connection
    .selectFrom('sends')
    .innerJoin('people', 'people.id', 'sends.chat_key')
    .leftJoin('contacts', join =>
      join
        .onRef('contacts.number', '=', 'people.phone')
        .on('contacts.org', '=', key.org)
        .on('contacts.account', '=', key.account)
        .on('contacts.answered_at', '>', Date.now() - CONTACT_KEPT_MS),
    )
    .select(['sends.id', 'sends.chat_key as chatKey', 'people.phone', 'contacts.number as asked', 'contacts.address'])
    .select(row =>
      row
        .exists(
          row
            .selectFrom('messages')
            .select('messages.id')
            .whereRef('messages.chat_key', '=', 'people.id')
            .where('messages.direction', '=', 'inbound')
            .where('messages.from_me', '=', 0),
        )
        .as('wrote'),
    )
    .select('people.wrote_at as wroteAt')
    .where('sends.id', 'in', sends)
    .execute()
  return new Map(rows.map(({ id, ...row }) => [id, standingOf(row)]))
}

type StandingRow = {
  readonly chatKey: ChatKey
  readonly phone: Phone | null
  readonly asked: Phone | null
  readonly address: Phone | null
  readonly wrote: unknown
  readonly wroteAt: number | null
}

function standingOf({ chatKey, phone, asked, address, wrote, wroteAt }: StandingRow): Standing {
  if (phone === null || wrote === 1 || wroteAt !== null) return { how: 'reachable', chatKey, phone }
  if (asked === null) return { how: 'unasked', chatKey, phone }
  return { how: address === null ? 'absent' : 'reachable', chatKey, phone }
}

const NUMBERS_AT_A_TIME = 500

/** Runs `find` on these numbers for each of the org's accounts and collects the results. */
async function inEachAccount<Found>(
  connection: Connection,
  { org, numbers }: { readonly org: OrgId; readonly numbers: readonly Phone[] },
  find: (account: AccountName, some: readonly Phone[]) => Promise<readonly Found[]>,
): Promise<Found[]> {
  const found: Found[] = []
  const all = [...new Set(numbers)]
  if (all.length === 0) return found
  for (const { account } of await listAccountsOf(connection, org))
    for (let from = 0; from < all.length; from += NUMBERS_AT_A_TIME)
      found.push(...(await find(account, all.slice(from, from + NUMBERS_AT_A_TIME))))
  return found
}

/** WhatsApp's latest answer about each of these numbers to any account of the org, however old. */
export async function listSpellings(
  connection: Connection,
  org: OrgId,
  numbers: readonly Phone[],
): Promise<Map<Phone, Phone | null>> {
  const rows = await inEachAccount(connection, { org, numbers }, (account, some) =>
    connection
      .selectFrom('contacts')
      .select(['number', 'address', 'answered_at as at'])
      .where('org', '=', org)
      .where('account', '=', account)
      .where('number', 'in', some)
      .execute(),
  )
  return new Map(rows.toSorted((one, other) => one.at - other.at).map(({ number, address }) => [number, address]))
}

/** Those of these numbers that people of the org have, as WhatsApp spells them. */
export async function numbersAmongPeople(
  connection: Connection,
  org: OrgId,
  numbers: readonly Phone[],
): Promise<Phone[]> {
  const found = await inEachAccount(connection, { org, numbers }, (account, some) =>
    numbersAmong(connection, { org, account }, some),
  )
  return [...new Set(found)]
}

async function numbersAmong(
  connection: Connection,
  { org, account }: AccountKey,
  numbers: readonly Phone[],
): Promise<Phone[]> {
  const rows = await connection
    .selectFrom('people')
    .select('phone')
    .where('org', '=', org)
    .where('account', '=', account)
    .where('phone', 'in', numbers)
    .execute()
  return rows.flatMap(({ phone }) => phone ?? [])
}

/** Those of these numbers for which an account of the org has a valid answer. */
export async function numbersAnswered(
  connection: Connection,
  org: OrgId,
  numbers: readonly Phone[],
): Promise<Set<Phone>> {
  const rows = await inEachAccount(connection, { org, numbers }, (account, some) =>
    connection
      .selectFrom('contacts')
      .select('number')
      .where('org', '=', org)
      .where('account', '=', account)
      .where('number', 'in', some)
      .where('answered_at', '>', Date.now() - CONTACT_KEPT_MS)
      .execute(),
  )
  return new Set(rows.map(({ number }) => number))
}

/** Those of these numbers from which a person has written, each with an account of the org that received it. */
export async function writersAmong(
  connection: Connection,
  org: OrgId,
  numbers: readonly Phone[],
): Promise<Map<Phone, AccountKey>> {
  const found = await inEachAccount(connection, { org, numbers }, async (account, some) => {
    const wrote: (readonly [Phone, AccountKey])[] = []
    const key = { org, account }
    for (const number of await numbersAmong(connection, key, some))
      if (await hasWrittenFrom(connection, key, number)) wrote.push([number, key])
    return wrote
  })
  return new Map(found)
}
