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
import { cursorOf, moveCursor, resetCursor } from '../store/accounts/journal-cursors.ts'
import type { Connection } from '../store/sql/connection.ts'
import { findMessage, type StoredMessage } from '../store/messages/messages.ts'
import { noteReceipt } from '../store/sends/sends.ts'
import { noteTimeLock } from '../store/sends/time-locks.ts'

const PAGE = 100
/** For so long a phone may still send a message again that could not be decrypted: 14 days. */
const UNDECRYPTABLE_MS = 1_209_600_000
const EXPIRE_EACH_MS = 3_600_000

/** What the inbox needs. */
export type InboxParts = PageIngestParts & {
  readonly gateway: Gateway
  readonly log: Log
  /** Something was committed: messages for those who watch, turns to be run. */
  readonly onCommitted: (key: AccountKey, admitted: PageResult) => void
  /** WhatsApp lets the account begin no new chats, or lets it again, and the store has it. */
  readonly onTimeLock: (key: AccountKey) => void
  /** All that waited at WhatsApp for an account is taken over: what waited for that may begin. */
  readonly onReleased: (key: AccountKey) => void
}

/** One account's way in. */
type Intake = {
  readonly key: AccountKey
  readonly pump: WakeLoop
  readonly backoff: Backoff
  head: number | null
  retry: NodeJS.Timeout | null
  /** When it was last looked for what will not be decrypted any more. */
  expiredAt: number
  /** What is in the journal and was not taken over when it was last tried; null: nothing, for all that is known. */
  behind: Omit<Behind, keyof AccountKey> | null
}

/**
 * Takes over what the gateways' journals hold, in their order. Messages, their turns and the cursor are one transaction,
 * and only then is the journal told that it may forget.
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

  /** What linked accounts left unanswered when their host ended waits until it is known what came since. */
  async open(keys: readonly AccountKey[]): Promise<void> {
    for (const key of keys) this.#catchingUp.begin(key)
    await this.#parts.store.transaction(async transaction => {
      for (const key of keys) await holdAllForBacklog(transaction, key, Date.now() + BACKLOG_PATIENCE_MS)
    })
  }

  /** An account's line has come up, or is gone. */
  observe(key: AccountKey, state: ConnectionState): void {
    this.#catchingUp.observe(key, state)
    if (!isUp(state)) this.#holdGatherings(key)
    if (this.#catchingUp.due(key) !== null) void this.wake(key)
  }

  /** All lines are gone. */
  gatewayDown(): void {
    this.#catchingUp.gatewayDown()
    this.#holdGatherings(null)
  }

  /** The rest of what somebody says may have been sent while nobody listened. */
  #holdGatherings(key: AccountKey | null): void {
    const { store, log } = this.#parts
    store
      .transaction(transaction => holdGatherings(transaction, key, Date.now() + BACKLOG_PATIENCE_MS))
      .catch((error: unknown) => log.error({ ...errorFields(error) }, 'turns not held'))
  }

  /** All that waited at WhatsApp for an account is in its journal, whose newest number is `head`. */
  caughtUp(key: AccountKey, head: number): Promise<void> {
    this.#catchingUp.told(key, head)
    return this.wake(key, head)
  }

  /** Takes over all that an account's journal holds; `head` is its newest number, when the gateway said so. */
  wake(key: AccountKey, head: number | null = null): Promise<void> {
    if (this.#closed) return Promise.resolve()
    const intake = this.#intake(key)
    intake.head = head ?? intake.head
    return intake.pump.wake()
  }

  /** Somebody who may pair has been shown which number is linked: what waited for that is looked at again. */
  async confirmLink(key: AccountKey, phone: Phone): Promise<void> {
    this.#announce(key, await this.#admitting.whole(key, admission => admission.confirmation(phone)))
  }

  /** WhatsApp has said how it has a number: what waited for a rule that names one is looked at again. */
  async spelled(org: OrgId): Promise<void> {
    if (this.#closed) return
    for (const { account } of await listAccountsOf(this.#parts.store.connection, org)) {
      const admitted = await this.#admitting.whole({ org, account }, admission => admission.spelled())
      if (admitted.reconsidered.length > 0) this.#announce({ org, account }, admitted)
    }
  }

  /** Bindings are asked again about a message that none took. @throws ChannelError `not_found`, `message_not_unmatched` */
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

  /** Where entries wait to be taken over. */
  behind(): Behind[] {
    return [...this.#intakes.values()].flatMap(({ key, behind }) => (behind ? [{ ...key, ...behind }] : []))
  }

  /** Takes nothing over any more, and waits for what is under way. */
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
      await this.#followNewJournal(key, intake)
      await this.#expire(key, intake)
      for (let more = true; more && !this.#closed;) {
        more = await this.#page(key, intake)
        await this.#release(key)
      }
      intake.behind = null
    } catch (error) {
      const { code, cause = null } = errorFields(error)
      intake.behind = { count: 0, since: Date.now(), ...intake.behind, cause }
      log.warn({ org: key.org, account: key.account, ...errorFields(error) }, 'journal not taken over')
      // A gateway that is down wakes us when it is back; what failed on our side has to be tried again.
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

  /** A journal whose newest number is before our cursor is a new one: the account's file was made again. */
  async #followNewJournal(key: AccountKey, intake: Intake): Promise<void> {
    const { store, log } = this.#parts
    const { head } = intake
    intake.head = null
    if (head === null || head >= (await cursorOf(store.connection, key))) return
    log.info({ org: key.org, account: key.account, head }, 'journal restarted')
    await store.transaction(transaction => resetCursor(transaction, key))
  }

  /** Takes over one page; whether there may be more. */
  async #page(key: AccountKey, intake: Intake): Promise<boolean> {
    const { store, gateway } = this.#parts
    const number = (await findAccount(store.connection, key))?.journalPhone
    if (!number) return false
    const after = await cursorOf(store.connection, key)
    const { entries } = await gateway.call('journal.pull', { ...key, after, limit: PAGE })
    const last = entries.at(-1)
    if (!last) return false
    intake.behind = { count: entries.length, since: intake.behind?.since ?? Date.now(), cause: null }
    const own = entries.filter(entry => isOf(number, entry))
    const byAdmins = await deletesByAdmins(gateway, key, own)
    const isTaken = await this.#admitting.inOrder(key, {
      all: own,
      // Another number may be scanned by now: what came stays where it is until it is known whose that is.
      isOpen: async transaction => (await findAccount(transaction, key))?.journalPhone === number,
      take: (admission, transaction, entry) => takeEntry(admission, transaction, { key, entry, byAdmins }),
      taken: (transaction, those, isAll) => {
        const through = isAll ? last.seq : (those.at(-1)?.seq ?? after)
        const newest = those.findLast(entry => entry.kind === 'message')
        return moveCursor(transaction, key, { through, receivedAt: newest?.message.receivedAt ?? null })
      },
      onCommitted: admitted => this.#announce(key, admitted),
    })
    if (!isTaken) return false
    // It goes on, however much there is: what waits longer is counted from here.
    intake.behind = { ...intake.behind, since: Date.now() }
    this.#announceForeign(key, entries.length - own.length)
    const lock = own.findLast(entry => entry.kind === 'time_lock')
    if (lock) this.#announceLock(key, lock.until)
    await gateway.call('journal.confirm', { ...key, through: last.seq })
    return true
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

/** Whether an entry is no message of another number than the one whose messages are taken over. */
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
