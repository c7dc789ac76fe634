import type { Person } from '../contract/ids.ts'
import type { Fuse } from './fuse.ts'
import { openJournal } from './journal.ts'
import { observedKeys } from './observed-keys.ts'
import { openRetryCounts } from './retry-counts.ts'
import type { SessionStore } from './session-store.ts'
import { openStanzaLog } from './stanza-log.ts'

/** What an account's file is used with. */
export type AccountFilePorts = {
  readonly fuse: Fuse
  readonly now: () => number
  /** The journal has grown to this number. */
  readonly grown: (head: number) => void
}

export type AccountFile = ReturnType<typeof openAccountFile>

/** The account's file as the account uses it: whatever fails on it cuts the line. */
export function openAccountFile(store: SessionStore, ports: AccountFilePorts) {
  const { fuse, now } = ports
  const { guard } = fuse
  const transaction = store.database.transaction((write: () => void) => write())
  const atomically = (write: () => void): void => guard(() => transaction(write))
  // Outlives the process at once, and a power cut from the next whole transaction on: one flush to the disk for both.
  const inPassing = (write: () => void): void =>
    guard(() => {
      store.database.pragma('synchronous = NORMAL')
      try {
        transaction(write)
      } finally {
        store.database.pragma('synchronous = FULL')
      }
    })
  const journal = openJournal(store.database, now)
  const log = openStanzaLog(store.database, now)
  try {
    for (const each of [journal, log]) each.prune()
  } catch {
    // A full disk: what is old goes another time.
  }
  let told = journal.head()
  const grown = (): void => {
    const head = journal.head()
    if (head > told) ports.grown((told = head))
  }
  const learned = (person: Person): void => {
    if (journal.addIdentity(person)) queueMicrotask(grown)
  }
  const confirm = (through: number): void =>
    atomically(() => {
      journal.confirm(through)
      log.forgetPlaintexts(through)
    })
  return {
    log,
    atomically,
    inPassing,
    grown,
    journal: { ...journal, confirm },
    keys: observedKeys(store.keys, { atomically, guard, learned }),
    sent: (stanzaId: string) => guard(() => journal.sent(stanzaId)),
    retryCounts: openRetryCounts(store.database, { guard, now }),
  }
}
