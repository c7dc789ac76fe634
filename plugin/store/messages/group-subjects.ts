import { accountId, type AccountKey, type GroupId } from '../../contract/ids.ts'
import type { InboundMessage } from '../../contract/message.ts'
import type { Connection } from '../sql/connection.ts'

/** What a group is called since an instant, ms UTC: the word of its members. */
export type GroupSubject = { readonly subject: string; readonly since: number }

/** A group as an account knows it. */
type InAccount = AccountKey & { readonly group: GroupId }

/** More than WhatsApp lets anybody write. */
const LETTERS_MOST = 200
/** A member who renames a group again and again does not fill the disk. */
const KEPT_MOST = 20

const cut = (subject: string): string => Array.from(subject.trim()).slice(0, LETTERS_MOST).join('')

const inGroup = (connection: Connection, { org, account, group }: InAccount) =>
  connection
    .selectFrom('group_subjects')
    .where('org', '=', org)
    .where('account', '=', account)
    .where('group_id', '=', group)

/** Notes what a group is called since an instant; nothing when it was called that already, or not at all. Needs a transaction. */
export async function noteSubject(transaction: Connection, group: InAccount, told: GroupSubject): Promise<void> {
  const subject = cut(told.subject)
  if (subject === '') return
  const before = await inGroup(transaction, group)
    .select('subject')
    .where('since', '<=', told.since)
    .orderBy('since', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (before?.subject === subject) return
  const key = { org: group.org, account: group.account, group_id: group.group, since: told.since }
  await transaction
    .insertInto('group_subjects')
    .values({ ...key, subject })
    .onConflict(known => known.columns(['org', 'account', 'group_id', 'since']).doUpdateSet({ subject }))
    .execute()
  await dropOld(transaction, group)
}

/**
 * What a group is called now, as WhatsApp answers. Where nothing else is known it was called that always: when its members changed it
 * is only known of what they are told. Needs a transaction.
 */
export async function noteSubjectNow(transaction: Connection, group: InAccount, subject: string): Promise<void> {
  const known = await inGroup(transaction, group).select('since').limit(1).executeTakeFirst()
  await noteSubject(transaction, group, { subject, since: known ? Date.now() : 0 })
}

/** What a group is called from now on, as its members are told. */
export async function noteNamed(transaction: Connection, key: AccountKey, message: InboundMessage): Promise<void> {
  const { chat, content, sentAt } = message
  if (chat.kind !== 'group' || content.kind !== 'group_change') return
  if (content.change !== 'created' && content.change !== 'subject') return
  await noteSubject(transaction, { ...key, group: chat.group }, { subject: content.text, since: sentAt })
}

async function dropOld(transaction: Connection, group: InAccount): Promise<void> {
  const oldest = await inGroup(transaction, group)
    .select('since')
    .orderBy('since', 'desc')
    .offset(KEPT_MOST - 1)
    .limit(1)
    .executeTakeFirst()
  if (!oldest) return
  await transaction
    .deleteFrom('group_subjects')
    .where('org', '=', group.org)
    .where('account', '=', group.account)
    .where('group_id', '=', group.group)
    .where('since', '<', oldest.since)
    .execute()
}

/** Which of these groups of an account have no subject that is known. */
export async function unknownAmong(
  connection: Connection,
  { org, account }: AccountKey,
  groups: readonly GroupId[],
): Promise<GroupId[]> {
  const known = await connection
    .selectFrom('group_subjects')
    .select('group_id')
    .distinct()
    .where('org', '=', org)
    .where('account', '=', account)
    .where('group_id', 'in', groups)
    .execute()
  const names = new Set(known.map(({ group_id: group }) => group))
  return groups.filter(group => !names.has(group))
}

/** Something that is in a group, or null, at an instant in ms UTC. */
export type Placed = AccountKey & { readonly group: GroupId | null; readonly at: number }

/** What the group of each was called at that time; before the first that is known, that one. Null: none is known, or it is in none. */
export async function subjectsOf(connection: Connection, placed: readonly Placed[]): Promise<(string | null)[]> {
  const known = new Map<string, readonly GroupSubject[]>()
  for (const { at: _, group, ...key } of placed) {
    if (group === null || known.has(nameOf({ ...key, group }))) continue
    const subjects = await inGroup(connection, { ...key, group })
      .select(['since', 'subject'])
      .orderBy('since')
      .execute()
    known.set(nameOf({ ...key, group }), subjects)
  }
  return placed.map(({ at, group, ...key }) => {
    const subjects = group === null ? [] : (known.get(nameOf({ ...key, group })) ?? [])
    return (subjects.findLast(({ since }) => since <= at) ?? subjects[0])?.subject ?? null
  })
}

const nameOf = ({ group, ...key }: InAccount): string => `${accountId(key)}/${group}`
