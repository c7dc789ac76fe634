import type { BinaryNode } from '@whiskeysockets/baileys'

import type { Person } from '../contract/ids.ts'
import type { Fuse } from './fuse.ts'
import { openJournal } from './journal.ts'
import { observedKeys } from './observed-keys.ts'
import { openRetryCounts } from './retry-counts.ts'
import { createServerClock } from './server-clock.ts'
import type { SessionStore } from './session-store.ts'
import { openStanzaLog } from './stanza-log.ts'

/** What an account's file is used with. */
export type AccountFilePorts = {
  readonly fuse: Fuse
  /** What the machine says; what is kept for days goes by the server's clock. */
  readonly now: () => number
  /** The journal has grown to this number. */
  readonly grown: (head: number) => void
}

const DAY_MS = 86_400_000

export type AccountFile = ReturnType<typeof openAccountFile>

/** The account's file as the account uses it: whatever fails on it cuts the line. */
export function openAccountFile(store: SessionStore, ports: AccountFilePorts) {
  const { guard } = ports.fuse
  const clock = createServerClock(ports.now)
  const { now } = clock
  const { atomically, inPassing } = writesOf(store, guard)
  const journal = openJournal(store.database, now)
  const log = openStanzaLog(store.database, now)
  let told = journal.head()
  const grown = (): void => {
    const head = journal.head()
    if (head > told) ports.grown((told = head))
  }
  const learned = (person: Person): void => {
    if (journal.addIdentity(person)) queueMicrotask(grown)
  }
  const prune = onceADay(now, () => [journal, log].forEach(each => each.prune()))
  const confirm = (through: number): void =>
    atomically(() => {
      journal.confirm(through)
      log.forgetPlaintexts(through)
    })
  return {
    log,
    now,
    loggedIn: (success: BinaryNode) => {
      clock.heard(success)
      prune()
    },
    atomically,
    inPassing,
    grown,
    journal: { ...journal, confirm },
    keys: observedKeys(store.keys, { atomically, guard, learned }),
    sent: (stanzaId: string) => guard(() => journal.sent(stanzaId)),
    retryCounts: openRetryCounts(store.database, { guard, now }),
  }
}

/** Does it at the first call, and again when a day has passed. */
function onceADay(now: () => number, prune: () => void): () => void {
  let doneAt = Number.NEGATIVE_INFINITY
  return () => {
    if (now() - doneAt < DAY_MS) return
    doneAt = now()
    try {
      prune()
    } catch {
      // A full disk: what is old goes another time.
    }
  }
}

/** Two ways to write: each outlives the process at once. */
function writesOf({ database }: SessionStore, guard: Fuse['guard']) {
  const transaction = database.transaction((write: () => void) => write())
  const atomically = (write: () => void): void => guard(() => transaction(write))
  // Outlives a power cut from the next whole transaction on: one flush to the disk for both.
  const inPassing = (write: () => void): void =>
    guard(() => {
      database.pragma('synchronous = NORMAL')
      try {
        transaction(write)
      } finally {
        database.pragma('synchronous = FULL')
      }
    })
  return { atomically, inPassing }
}
