import type { Gateway, JournalEntry } from '../contract/gateway-protocol.ts'
import type { GroupMember } from '../contract/group.ts'
import { type AccountKey, type GroupId, type Person, samePerson } from '../contract/ids.ts'

/** Admins not known after this time count as unknown, so that the rest of the page does not wait longer. */
const PATIENCE_MS = 10_000

type Deletion = { readonly entry: JournalEntry; readonly group: GroupId; readonly by: Person }

/** The entry as a deletion in a group of a message that another person wrote. Empty for other entries. */
function deletionIn(entry: JournalEntry): Deletion[] {
  if (entry.kind !== 'message') return []
  const { chat, content, sender } = entry.message
  const isAnothers = content.kind === 'revoke' && content.author !== undefined
  return isAnothers && chat.kind === 'group' ? [{ entry, group: chat.group, by: sender }] : []
}

/**
 * Returns the entries that delete another person's message with the right to do so: their senders are admins of the group, as the
 * gateway already knows or finds out now. If nothing is known about a group, nobody counts as its admin.
 */
export async function deletesByAdmins(
  gateway: Gateway,
  key: AccountKey,
  entries: readonly JournalEntry[],
): Promise<Set<JournalEntry>> {
  const deletions = entries.flatMap(deletionIn)
  const groups = new Set(deletions.map(({ group }) => group))
  const told = [...groups].map(async group => [group, await adminsOf(gateway, key, group)] as const)
  const admins = new Map(await Promise.all(told))
  const isAdmin = ({ group, by }: Deletion): boolean => (admins.get(group) ?? []).some(admin => samePerson(admin, by))
  return new Set(deletions.filter(isAdmin).map(({ entry }) => entry))
}

async function adminsOf(gateway: Gateway, { org, account }: AccountKey, group: GroupId): Promise<readonly Person[]> {
  let timer: NodeJS.Timeout | undefined
  const overdue = new Promise<readonly GroupMember[]>(resolve => (timer = setTimeout(() => resolve([]), PATIENCE_MS)))
  const told = gateway.call('groups.get', { org, account, group }).then(
    ({ group: { members } }) => members,
    () => [],
  )
  const members = await Promise.race([told, overdue])
  clearTimeout(timer)
  return members.flatMap(({ person, admin }) => (admin ? [person] : []))
}
