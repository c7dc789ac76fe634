import type { BinaryNode, proto } from '@whiskeysockets/baileys'

import { DAY_MS } from '../../base/durations.ts'
import type { JournalEntry } from '../../contract/gateway-protocol.ts'
import type { Chat } from '../../contract/ids.ts'
import { openChatTimers } from '../tables/chat-timers.ts'
import { openForgetting, type Disappeared } from '../tables/disappearing.ts'
import type { StorageGuard } from '../storage-guard.ts'
import { openJournal, type Journal } from '../tables/journal.ts'
import { openFiles } from '../tables/file-refs.ts'
import { observedKeys, type KeyWatch } from '../tables/lid-learning-keys.ts'
import { openPeerAddresses } from '../recipients/peer-addresses.ts'
import { openPolls } from '../tables/polls.ts'
import { openRecoveries } from '../tables/recoveries.ts'
import { openRetryCounts } from '../tables/retry-counts.ts'
import { createServerClock } from './server-clock.ts'
import { openSecrets } from '../tables/secrets.ts'
import type { SessionStore } from './session-store.ts'
import { openStanzaLog, type StanzaLog } from '../tables/stanza-log.ts'
import { createTokens, type Tokens } from '../recipients/privacy-tokens.ts'
import { openUnopened } from '../tables/unopened.ts'

/** What an account's file needs. */
export type AccountFilePorts = {
  readonly storageGuard: StorageGuard
  /** The machine's clock. What is stored for days uses the server's clock. */
  readonly now: () => number
  /** The journal has grown to this number. */
  readonly grown: (head: number) => void
}

export type AccountFile = ReturnType<typeof openAccountFile>

/** The ways of writing to the file. */
function writingTo(store: SessionStore, guard: StorageGuard['guard']) {
  const transaction = store.database.transaction((write: () => void) => write())
  return {
    atomically: (write: () => void): void => guard(() => transaction(write)),
    firmly: (write: () => void): void =>
      guard(() => {
        transaction(write)
        store.flush.flushNow()
      }),
    durable: (): Promise<void> =>
      store.flush.flushed().catch((error: unknown) =>
        guard(() => {
          throw error
        }),
      ),
  }
}

/**
 * The account's file as the account uses it: any failure of it cuts the connection. What is written `atomically` outlives the
 * process, and a power cut once `durable` has resolved; what is written `firmly` outlives both when the call returns.
 */
export function openAccountFile(store: SessionStore, ports: AccountFilePorts) {
  const { guard } = ports.storageGuard
  const clock = createServerClock(ports.now)
  const { now } = clock
  const written = writingTo(store, guard)
  const { atomically, firmly, durable } = written
  const journal = openJournal(store.database, now)
  const { log, recoveries } = openStanzas(store, now)
  const reading = readingIn(store, { now, complete: journal.complete })
  const files = openFiles(store.database, now)
  const addresses = openPeerAddresses(store.database, journal)
  const timers = openChatTimers(store.database, journal)
  const tokens = createTokens({ keys: store.keys, atomically, guard, complete: journal.complete, now })
  let told = journal.head()
  const grown = (): void => {
    const head = journal.head()
    if (head > told) ports.grown((told = head))
  }
  const prune = onceADay(now, () =>
    [journal, log, recoveries, files, ...Object.values(reading)].forEach(each => each.prune()),
  )
  return {
    log,
    recoveries,
    ...reading,
    addresses,
    timers,
    tokens,
    files: { ...files, moved: (file: string, message: proto.IMessage) => guard(() => files.moved(file, message)) },
    now,
    /** Converts an instant of the server's clock to the clock of this machine. */
    byMachine: (at: number): number => at - now() + ports.now(),
    loggedIn: (success: BinaryNode) => {
      clock.heard(success)
      prune()
    },
    ...written,
    grown,
    ...forgettingIn(store, guard),
    handOver: handingOver(journal, durable),
    journal: { ...journal, ...carefully({ journal, log, atomically, firmly }) },
    keys: observedKeys(store.keys, { atomically, guard, durable, ...watchOf({ journal, tokens, grown }) }),
    sent: (stanzaId: string, chat: Chat) => guard(() => journal.sent(stanzaId, chat)),
    retryCounts: openRetryCounts(store.database, { guard, now }),
  }
}

/** Waits for the disk: a number that a power cut takes back would be given out again, and the host would never ask for it. */
const handingOver =
  (journal: Journal, durable: () => Promise<void>) =>
  async (after: number, limit: number): Promise<JournalEntry[]> => {
    const entries = journal.pull(after, limit)
    if (entries.length > 0) await durable()
    return entries
  }

function forgettingIn({ database }: SessionStore, guard: StorageGuard['guard']) {
  const { forget, purge } = openForgetting(database)
  return {
    forget: (disappeared: Disappeared): number | null =>
      guard(() => {
        const nextAt = forget(disappeared)
        const waitMs = purge()
        return waitMs === null ? nextAt : Math.min(nextAt ?? Number.POSITIVE_INFINITY, disappeared.at + waitMs)
      }),
  }
}

/** The tables that are needed to read messages about earlier ones. */
const readingIn = ({ database }: SessionStore, ports: Parameters<typeof openSecrets>[1]) => ({
  polls: openPolls(database, ports),
  secrets: openSecrets(database, ports),
  unopened: openUnopened(database, ports),
})

type Watched = { readonly journal: Journal; readonly tokens: Tokens; readonly grown: () => void }

/** What happens when Baileys learns an address, or stores a token. */
const watchOf = ({ journal, tokens, grown }: Watched): Pick<KeyWatch, 'learned' | 'tokens'> => ({
  tokens: tokens.changing,
  learned: person => {
    if (!journal.addIdentity(person)) return
    tokens.learned(person)
    queueMicrotask(grown)
  },
})

/** The stanzas that came, and the messages that are requested from the phone instead. */
const openStanzas = ({ database, creds }: SessionStore, now: () => number) => ({
  log: openStanzaLog(database, now),
  recoveries: openRecoveries(database, { now, me: () => creds()?.me }),
})

type Written = ReturnType<typeof writingTo> & { readonly journal: Journal; readonly log: StanzaLog }

/** What the journal does not do alone, or not firmly enough. */
function carefully({
  journal,
  log,
  atomically,
  firmly,
}: Omit<Written, 'durable'>): Pick<Journal, 'confirm' | 'addTimeLock'> {
  return {
    confirm: through =>
      atomically(() => {
        journal.confirm(through)
        log.forgetPlaintexts(through)
      }),
    // Baileys acknowledges the notice as soon as it has reported it, and WhatsApp does not send it again.
    addTimeLock: lock => {
      firmly(() => void journal.addTimeLock(lock))
      return true
    },
  }
}

/** Prunes at the first call, and again when a day has passed. */
function onceADay(now: () => number, prune: () => void): () => void {
  let doneAt = Number.NEGATIVE_INFINITY
  return () => {
    if (now() - doneAt < DAY_MS) return
    doneAt = now()
    try {
      prune()
    } catch {
      // The disk may be full: old data is deleted another time.
    }
  }
}
