import { accountId, type AccountKey, type GroupId } from '../../contract/ids.ts'
import type { InboundMessage } from '../../contract/message.ts'
import type { Connection } from '../sql/connection.ts'

/** A group's name, as its members set it, and since when it has it; ms UTC. */
export type GroupSubject = { readonly subject: string; readonly since: number }

/** A group as seen by an account. */
type InAccount = AccountKey & { readonly group: GroupId }

/** More than WhatsApp allows. */
const LETTERS_MOST = 200
/** Limits the disk space that a member can fill by renaming a group again and again. */
const KEPT_MOST = 20

const cut = (subject: string): string => Array.from(subject.trim()).slice(0, LETTERS_MOST).join('')

const inGroup = (connection: Connection, { org, account, group }: InAccount) =>
  connection
    .selectFrom('group_subjects')
    .where('org', '=', org)
    .where('account', '=', account)
    .where('group_id', '=', group)

/** Stores a group's name since an instant; does nothing if the name is empty or unchanged. Needs a transaction. */
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
 * Stores a group's current name, as WhatsApp reports it. If no earlier name is known, the name counts from the beginning: earlier
 * changes are known only from the notices that members get. Needs a transaction.
 */
export async function noteSubjectNow(transaction: Connection, group: InAccount, subject: string): Promise<void> {
  const known = await inGroup(transaction, group).select('since').limit(1).executeTakeFirst()
  await noteSubject(transaction, group, { subject, since: known ? Date.now() : 0 })
}

/** Stores the name from a notice that a group was created or renamed. */
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

/** Which of these groups of an account have no known name. */
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

/** Something that happened in a group, or outside groups (null), at an instant in ms UTC. */
export type Placed = AccountKey & { readonly group: GroupId | null; readonly at: number }

/**
 * The name of each item's group at that time; before the first known name, the first known name. Null if no name is known or the
 * item is in no group.
 */
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
