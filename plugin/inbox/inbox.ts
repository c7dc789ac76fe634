import type { Ingest } from './ingest.ts'
import type { PageResult } from './page-result.ts'
import { PageIngest, type PageIngestParts } from './ingest-page.ts'
import { type Backoff, createBackoff } from '../base/backoff.ts'
import { BACKLOG_PATIENCE_MS, type BacklogWait } from '../accounts/backlog-wait.ts'
import { isUp, type ConnectionState } from '../contract/connection.ts'
import { errorFields } from '../contract/errors/error-fields.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import type { Gateway, JournalEntry } from '../contract/gateway-protocol.ts'
import type { Log } from '../contract/host.ts'
import { accountId, type AccountKey, type Phone, type OrgId } from '../contract/ids.ts'
import type { Behind } from '../contract/problem.ts'
import { deletesByAdmins } from './group-admins.ts'
import { WakeLoop } from '../base/wake-loop.ts'
import { findAccount, listAccountsOf } from '../store/accounts/accounts.ts'
import { holdAllForBacklog, releaseFromBacklog } from '../store/turns/backlog-holds.ts'
import { holdGatherings } from '../store/messages/message-batches.ts'
import {
  cursorOf,
  type JournalState,
  journalStateOf,
  moveCursor,
  resetCursor,
} from '../store/accounts/journal-cursors.ts'
import type { Connection } from '../store/sql/connection.ts'
import { findMessage, type StoredMessage } from '../store/messages/messages.ts'
import { noteReceipt } from '../store/sends/sends.ts'
import { noteTimeLock } from '../store/sends/time-locks.ts'

const PAGE = 100
/** How long a phone may still resend a message that could not be decrypted: 14 days. */
const UNDECRYPTABLE_MS = 1_209_600_000
const EXPIRE_EACH_MS = 3_600_000

/** What the inbox needs. */
export type InboxParts = PageIngestParts & {
  readonly gateway: Gateway
  readonly log: Log
  /** Called after a commit: there may be messages for feeds and turns to run. */
  readonly onCommitted: (key: AccountKey, admitted: PageResult) => void
  /** Called when WhatsApp has blocked the account from starting new chats, or unblocked it, and the store has recorded that. */
  readonly onTimeLock: (key: AccountKey) => void
  /** Called when an account's backlog at WhatsApp has been taken over. Turns and sends that waited for it may begin. */
  readonly onReleased: (key: AccountKey) => void
}

/** The state of one account's intake. */
type Intake = {
  readonly key: AccountKey
  readonly pump: WakeLoop
  readonly backoff: Backoff
  head: number | null
  retry: NodeJS.Timeout | null
  /** When the messages that will no longer be decrypted were last expired. */
  expiredAt: number
  /** The journal entries that were not taken over at the last try; null if none are known. */
  behind: Omit<Behind, keyof AccountKey> | null
}

/**
 * Takes over the entries of the gateway's journals, in their order. Messages, their turns and the cursor are written in one
 * transaction. Only after that is the journal told that it may delete the entries.
 */
export class Inbox {
  readonly #parts: InboxParts
  readonly #admitting: PageIngest
  readonly #intakes = new Map<string, Intake>()
  readonly #catchingUp: BacklogWait
  #closed = false

  constructor(parts: InboxParts) {
    this.#parts = parts
    this.#admitting = new PageIngest(parts)
    this.#catchingUp = parts.catchingUp
  }

  /** Turns that linked accounts left unanswered when their host ended wait until the messages that arrived since are known. */
  async open(keys: readonly AccountKey[]): Promise<void> {
    for (const key of keys) this.#catchingUp.begin(key)
    await this.#parts.store.transaction(async transaction => {
      for (const key of keys) await holdAllForBacklog(transaction, key, Date.now() + BACKLOG_PATIENCE_MS)
    })
  }

  /** Notes that an account's connection has come up or is gone. */
  observe(key: AccountKey, state: ConnectionState): void {
    this.#catchingUp.observe(key, state)
    if (!isUp(state)) this.#holdGatherings(key)
    if (this.#catchingUp.due(key) !== null) void this.wake(key)
  }

  /** Notes that all connections are gone. */
  gatewayDown(): void {
    this.#catchingUp.gatewayDown()
    this.#holdGatherings(null)
  }

  /** The rest of a question may have been sent while the account was offline, so its turn waits for it. */
  #holdGatherings(key: AccountKey | null): void {
    const { store, log } = this.#parts
    store
      .transaction(transaction => holdGatherings(transaction, key, Date.now() + BACKLOG_PATIENCE_MS))
      .catch((error: unknown) => log.error({ ...errorFields(error) }, 'turns not held'))
  }

  /** The account's whole backlog at WhatsApp is in its journal now. `head` is the journal's newest number. */
  caughtUp(key: AccountKey, head: number): Promise<void> {
    this.#catchingUp.told(key, head)
    return this.wake(key, head)
  }

  /** Takes over all entries of an account's journal. `head` is the journal's newest number, if the gateway has reported it. */
  wake(key: AccountKey, head: number | null = null): Promise<void> {
    if (this.#closed) return Promise.resolve()
    const intake = this.#intake(key)
    intake.head = head ?? intake.head
    return intake.pump.wake()
  }

  /** A person who may pair has been shown which number is linked. Messages that waited for this confirmation are judged again. */
  async confirmLink(key: AccountKey, phone: Phone): Promise<void> {
    this.#announce(key, await this.#admitting.whole(key, admission => admission.confirmation(phone)))
  }

  /** WhatsApp has reported its spelling of a number. Messages that waited for a rule that names a number are judged again. */
  async spelled(org: OrgId): Promise<void> {
    if (this.#closed) return
    for (const { account } of await listAccountsOf(this.#parts.store.connection, org)) {
      const admitted = await this.#admitting.whole({ org, account }, admission => admission.spelled())
      if (admitted.reconsidered.length > 0) this.#announce({ org, account }, admitted)
    }
  }

  /** Asks the bindings again about a message that none of them took. @throws ChannelError `not_found`, `message_not_unmatched` */
  async replay(org: OrgId, id: string): Promise<StoredMessage> {
    const { connection } = this.#parts.store
    const message = await findMessage(connection, org, id)
    if (!message) throw new ChannelError('not_found')
    const key = { org, account: message.account }
    const admitted = await this.#admitting.whole(key, async (admission, transaction) => {
      const now = await findMessage(transaction, org, id)
      if (!now?.outcome.startsWith('unmatched')) throw new ChannelError('message_not_unmatched')
      await admission.replayed(now)
    })
    this.#announce(key, admitted)
    return (await findMessage(connection, org, id)) ?? message
  }

  /** The accounts whose journals have entries that wait to be taken over. */
  behind(): Behind[] {
    return [...this.#intakes.values()].flatMap(({ key, behind }) => (behind ? [{ ...key, ...behind }] : []))
  }

  /** Stops taking entries over, and waits for the work under way. */
  async close(): Promise<void> {
    this.#closed = true
    this.#admitting.close()
    await Promise.all(
      [...this.#intakes.values()].map(({ pump, retry }) => {
        if (retry) clearTimeout(retry)
        return pump.close()
      }),
    )
  }

  #intake(key: AccountKey): Intake {
    const name = accountId(key)
    const known = this.#intakes.get(name)
    if (known) return known
    const { org, account } = key
    const intake: Intake = {
      key: { org, account },
      pump: new WakeLoop(() => this.#takeOver({ org, account }, intake)),
      backoff: createBackoff(Math.random),
      head: null,
      retry: null,
      expiredAt: 0,
      behind: null,
    }
    this.#intakes.set(name, intake)
    return intake
  }

  async #takeOver(key: AccountKey, intake: Intake): Promise<void> {
    const { log } = this.#parts
    try {
      let journal: JournalState | null = await this.#followNewJournal(key, intake)
      await this.#expire(key, intake)
      while (journal && !this.#closed) {
        journal = await this.#page(key, intake, journal)
        await this.#release(key)
      }
      intake.behind = null
    } catch (error) {
      const { code, cause = null } = errorFields(error)
      intake.behind = { count: 0, since: Date.now(), ...intake.behind, cause }
      log.warn({ org: key.org, account: key.account, ...errorFields(error) }, 'journal not taken over')
      // A gateway that is down wakes us when it is back. A failure on our side has to be retried.
      if (code !== 'gateway_unreachable') this.#retry(key, intake)
    }
  }

  #retry(key: AccountKey, intake: Intake): void {
    if (this.#closed || intake.retry) return
    intake.retry = setTimeout(() => {
      intake.retry = null
      void this.wake(key)
    }, intake.backoff.next(0))
  }

  async #expire(key: AccountKey, intake: Intake): Promise<void> {
    if (Date.now() - intake.expiredAt < EXPIRE_EACH_MS) return
    const admitted = await this.#admitting.whole(key, admission => admission.expire(Date.now() - UNDECRYPTABLE_MS))
    intake.expiredAt = Date.now()
    if (admitted.seq !== null) this.#announce(key, admitted)
  }

  /**
   * Resets the cursor if the journal's newest number is before it: then the journal is a new one, because the account's file was
   * created again.
   */
  async #followNewJournal(key: AccountKey, intake: Intake): Promise<JournalState> {
    const { store, log } = this.#parts
    const { head } = intake
    intake.head = null
    const journal = await journalStateOf(store.connection, key)
    if (head === null || head >= journal.through) return journal
    log.info({ org: key.org, account: key.account, head }, 'journal restarted')
    await store.transaction(transaction => resetCursor(transaction, key))
    return { ...journal, through: 0 }
  }

  /** Takes over one page. Returns where the next one begins; null if there is none yet, of which the gateway tells. */
  async #page(key: AccountKey, intake: Intake, { number, through }: JournalState): Promise<JournalState | null> {
    const { gateway } = this.#parts
    if (!number) return null
    const { entries } = await gateway.call('journal.pull', { ...key, after: through, limit: PAGE })
    const last = entries.at(-1)
    if (!last) return null
    intake.behind = { count: entries.length, since: intake.behind?.since ?? Date.now(), cause: null }
    const own = entries.filter(entry => isOf(number, entry))
    const byAdmins = await deletesByAdmins(gateway, key, own)
    const isTaken = await this.#admitting.inOrder(key, {
      all: own,
      // Another number may have been linked by now. The entries stay in the journal until it is known whose they are.
      isOpen: async transaction => (await findAccount(transaction, key))?.journalPhone === number,
      take: (admission, transaction, entry) => takeEntry(admission, transaction, { key, entry, byAdmins }),
      taken: (transaction, those, isAll) => {
        const moved = isAll ? last.seq : (those.at(-1)?.seq ?? through)
        const newest = those.findLast(entry => entry.kind === 'message')
        return moveCursor(transaction, key, { through: moved, receivedAt: newest?.message.receivedAt ?? null })
      },
      onCommitted: admitted => this.#announce(key, admitted),
    })
    if (!isTaken) return null
    // The intake makes progress, so the waiting time of the remaining entries is counted from here.
    intake.behind = { ...intake.behind, since: Date.now() }
    this.#announceForeign(key, entries.length - own.length)
    const lock = own.findLast(entry => entry.kind === 'time_lock')
    if (lock) this.#announceLock(key, lock.until)
    await gateway.call('journal.confirm', { ...key, through: last.seq })
    return entries.length < PAGE ? null : { number, through: last.seq }
  }

  async #release(key: AccountKey): Promise<void> {
    const { store, log, onReleased } = this.#parts
    const head = this.#catchingUp.due(key)
    if (head === null || (await cursorOf(store.connection, key)) < head) return
    const turns = await store.transaction(transaction => releaseFromBacklog(transaction, key))
    this.#catchingUp.done(key, head)
    if (turns > 0) log.info({ org: key.org, account: key.account, turns }, 'backlog taken over')
    onReleased(key)
  }

  #announce(key: AccountKey, admitted: PageResult): void {
    const { log, onCommitted } = this.#parts
    const { org, account } = key
    for (const { id, reason } of admitted.unmatched)
      log.info({ org, account, message: id, reason }, 'message unmatched')
    if (admitted.duplicates > 0) log.debug({ org, account, duplicates: admitted.duplicates }, 'messages seen before')
    onCommitted(key, admitted)
  }

  #announceForeign({ org, account }: AccountKey, messages: number): void {
    if (messages > 0) this.#parts.log.warn({ org, account, messages }, 'messages of another number left out')
  }

  #announceLock(key: AccountKey, until: number | null): void {
    const { log, onTimeLock } = this.#parts
    const { org, account } = key
    if (until === null) log.info({ org, account }, 'new chats may be begun again')
    else log.warn({ org, account, until: new Date(until).toISOString() }, 'WhatsApp lets no new chats be begun')
    onTimeLock(key)
  }
}

/** Whether an entry belongs to the number whose messages are taken over. Only messages of another number do not. */
const isOf = (number: Phone, entry: JournalEntry): boolean =>
  entry.kind !== 'message' || (entry.message.receiver.phone ?? number) === number

async function takeEntry(
  admission: Ingest,
  transaction: Connection,
  { key, entry, byAdmins }: { key: AccountKey; entry: JournalEntry; byAdmins: ReadonlySet<JournalEntry> },
): Promise<void> {
  switch (entry.kind) {
    case 'message':
      return admission.message(entry.message, byAdmins.has(entry))
    case 'identity':
      return admission.identity(entry.person)
    case 'receipt':
      return noteReceipt(transaction, key, entry)
    case 'time_lock':
      return noteTimeLock(transaction, key, entry)
  }
}
