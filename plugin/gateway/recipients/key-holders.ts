import type { AccountDatabase } from '../tables/journal.ts'
import type { StoredKeys } from '../tables/stored-keys.ts'

/** Where the account's keys and their holders are stored. */
export type KeyHolderPorts = {
  readonly database: AccountDatabase
  readonly keys: Pick<StoredKeys, 'get' | 'write'>
}

/** The devices that may hold the account's sender key of a group. Every change runs inside the caller's transaction. */
export type KeyHolders = {
  readonly of: (group: string) => ReadonlySet<string>
  readonly add: (group: string, devices: readonly string[]) => void
  /** Deletes the key, under all names that it may have, together with its holders. */
  readonly drop: (group: string, names: readonly string[]) => void
  /** Notes that another person may have the keys that this device holds. */
  readonly doubt: (device: string) => void
  /** Drops the cache, so that the file is read again. */
  readonly reload: () => void
}

export const KEY_HOLDER_SCHEMA = `
  CREATE TABLE key_holders (chat TEXT NOT NULL, device TEXT NOT NULL, PRIMARY KEY (chat, device)) WITHOUT ROWID;`

/** A device that does not exist: it holds the key and is in no list. */
const SOMEBODY_ELSE = ''

export function openKeyHolders({ database, keys }: KeyHolderPorts): KeyHolders {
  const find = database.prepare<[string], string>('SELECT device FROM key_holders WHERE chat = ?').pluck()
  const put = database.prepare('INSERT OR IGNORE INTO key_holders (chat, device) VALUES (?, ?)')
  const forget = database.prepare('DELETE FROM key_holders WHERE chat = ?')
  const mark = database.prepare(
    'INSERT OR IGNORE INTO key_holders (chat, device) SELECT chat, ? FROM key_holders WHERE device = ?',
  )
  let known = new Map<string, Set<string>>()
  // Groups whose holders are not in the table yet.
  const unwritten = new Set<string>()
  const load = (group: string): Set<string> => {
    const written = find.all(group)
    const found = new Set(written.length > 0 ? written : heldBefore(keys, group))
    if (written.length === 0 && found.size > 0) unwritten.add(group)
    known.set(group, found)
    return found
  }
  const of = (group: string): Set<string> => known.get(group) ?? load(group)
  return {
    of,
    add: (group, devices) => {
      const holding = of(group)
      const more = devices.filter(device => !holding.has(device))
      for (const device of unwritten.delete(group) ? [...holding, ...more] : more) put.run(group, device)
      for (const device of more) holding.add(device)
    },
    drop: (group, names) => {
      keys.write({
        'sender-key': Object.fromEntries(names.map(name => [name, null as never])),
        'sender-key-memory': { [group]: null as never },
      })
      forget.run(group)
      unwritten.delete(group)
      known.set(group, new Set())
    },
    doubt: device => {
      mark.run(SOMEBODY_ELSE, device)
      known = new Map()
    },
    reload: () => void (known = new Map()),
  }
}

/** The holders in Baileys' own memory; an earlier version of the plugin stored no more than that. */
function heldBefore(keys: KeyHolderPorts['keys'], group: string): string[] {
  const { [group]: memory } = keys.get('sender-key-memory', [group]) as Record<string, object | undefined>
  return Object.keys(memory ?? {})
}
