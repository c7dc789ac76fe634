import type { AccountKey, Person, Phone } from '../../contract/ids.ts'
import type { Connection } from '../sql/connection.ts'
import { addContactTimes } from './contact-times.ts'
import { dropDuplicates } from './duplicates.ts'
import { mergeLoops } from '../messages/loops.ts'
import { rowId } from '../sql/row-id.ts'
import type { PersonId } from '../sql/schema.ts'
import { mergeTakeovers } from '../messages/takeovers.ts'

/** A person as an account knows them. `learned`: an address was added to a person who may have messages. */
export type KnownPerson = Person & { readonly id: PersonId; readonly learned: boolean }

type Row = Person & { readonly id: PersonId }

function rowsOf(transaction: Connection, key: AccountKey, person: Person): Promise<Row[]> {
  return transaction
    .selectFrom('people')
    .select(['id', 'lid', 'phone'])
    .where('org', '=', key.org)
    .where('account', '=', key.account)
    .where(row =>
      row.or([
        ...(person.lid === null ? [] : [row('lid', '=', person.lid)]),
        ...(person.phone === null ? [] : [row('phone', '=', person.phone)]),
      ]),
    )
    .execute()
}

/**
 * A person whom somebody mentioned, with what is known of them. Stores nothing: what a message claims about other people's
 * addresses may be false.
 */
export async function mentionedPerson(connection: Connection, key: AccountKey, person: Person): Promise<Person> {
  const address = person.lid === null ? person : { lid: person.lid, phone: null }
  const [row] = await rowsOf(connection, key, address)
  return row ? { lid: row.lid, phone: row.phone } : person
}

/** The person with these addresses, if the account knows one. Stores nothing. */
export async function findPerson(
  connection: Connection,
  key: AccountKey,
  person: Person,
): Promise<PersonId | undefined> {
  const address = person.lid === null ? person : { lid: person.lid, phone: null }
  return (await rowsOf(connection, key, address))[0]?.id
}

/** The person with that number, if the account knows one. */
export async function findByPhone(
  connection: Connection,
  key: AccountKey,
  phone: Phone,
): Promise<PersonId | undefined> {
  return (await rowsOf(connection, key, { lid: null, phone }))[0]?.id
}

/**
 * Replaces a spelling of a person's number with the number that WhatsApp uses. If both are stored as people, they become one,
 * unless WhatsApp itself named a person by that spelling. Returns the person with the WhatsApp number. Needs a transaction.
 */
export async function canonicalise(
  transaction: Connection,
  key: AccountKey,
  { number, address }: { readonly number: Phone; readonly address: Phone },
): Promise<PersonId | undefined> {
  const [spelled] = await rowsOf(transaction, key, { lid: null, phone: number })
  const named = await findByPhone(transaction, key, address)
  if (!spelled || spelled.lid !== null) return named
  if (named) await merge(transaction, spelled.id, named)
  else await setAddresses(transaction, spelled.id, { lid: null, phone: address })
  return named ?? spelled.id
}

async function setAddresses(transaction: Connection, id: PersonId, { lid, phone }: Person): Promise<void> {
  await transaction.updateTable('people').set({ lid, phone }).where('id', '=', id).execute()
}

/** Replaces `gone` with `kept` everywhere: in messages, in their direct chat, its turns and its sends. */
async function merge(transaction: Connection, gone: PersonId, kept: PersonId): Promise<void> {
  const chat = transaction.selectFrom('messages').select('id').where('chat_key', '=', gone)
  for (const table of ['turns', 'sends'] as const) {
    await transaction.updateTable(table).set({ chat_key: kept }).where('message_id', 'in', chat).execute()
  }
  await transaction.updateTable('messages').set({ chat_key: kept }).where('chat_key', '=', gone).execute()
  await transaction.updateTable('messages').set({ sender_id: kept }).where('sender_id', '=', gone).execute()
  await transaction.updateTable('messages').set({ receiver_id: kept }).where('receiver_id', '=', gone).execute()
  await mergeContacts(transaction, gone, kept)
  await mergeTakeovers(transaction, gone, kept)
  await mergeLoops(transaction, gone, kept)
  await dropDuplicates(transaction, kept)
  await transaction.deleteFrom('people').where('id', '=', gone).execute()
}

/** Adds the contact times from deleted messages of one person to the other. */
async function mergeContacts(transaction: Connection, gone: PersonId, kept: PersonId): Promise<void> {
  const lost = await transaction
    .selectFrom('people')
    .select(['first_contact_at as first', 'last_contact_at as last', 'wrote_at as wrote'])
    .where('id', '=', gone)
    .where('last_contact_at', 'is not', null)
    .executeTakeFirst()
  if (lost) await addContactTimes(transaction, kept, lost)
}

/** Ties together a LID and a number as WhatsApp reported them; replaces earlier ties of either. */
async function tie(transaction: Connection, rows: Row[], person: Person): Promise<PersonId | null> {
  const byLid = rows.find(row => row.lid !== null && row.lid === person.lid)
  const byPhone = rows.find(row => row.phone !== null && row.phone === person.phone)
  if (byPhone && byPhone !== byLid) {
    const moved = byPhone.lid !== null
    // The number belonged to another LID: it changed hands, and the two stay two people.
    if (moved) await setAddresses(transaction, byPhone.id, { lid: byPhone.lid, phone: null })
    else if (byLid) await merge(transaction, byPhone.id, byLid.id)
    else {
      await setAddresses(transaction, byPhone.id, person)
      return byPhone.id
    }
  }
  if (byLid) await setAddresses(transaction, byLid.id, person)
  return byLid?.id ?? null
}

/**
 * The person, with all addresses that this account knows; stores new people and addresses. If the LID and the phone number belonged
 * to two people, these become one. Needs a transaction.
 */
export async function knownPerson(transaction: Connection, key: AccountKey, person: Person): Promise<KnownPerson> {
  const rows = await rowsOf(transaction, key, person)
  const complete = rows.find(row => (person.lid ?? row.lid) === row.lid && (person.phone ?? row.phone) === row.phone)
  if (complete) return { ...complete, learned: false }
  const tied = await tie(transaction, rows, person)
  if (tied) return { ...person, id: tied, learned: true }
  const id = rowId('per')
  await transaction
    .insertInto('people')
    .values({ id, org: key.org, account: key.account, lid: person.lid, phone: person.phone })
    .execute()
  return { ...person, id, learned: false }
}
