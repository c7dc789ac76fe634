import { BACKLOG_PATIENCE_MS } from '../accounts/backlog-wait.ts'
import { type Backoff, createBackoff } from '../base/backoff.ts'
import type { SendClass } from '../contract/delivery.ts'
import { errorFields } from '../contract/errors/error-fields.ts'
import { asChannelError } from '../contract/errors/errors.ts'
import type { Gateway } from '../contract/gateway-protocol.ts'
import type { Log } from '../contract/host.ts'
import type { AccountKey, OrgId } from '../contract/ids.ts'
import type { RejectedReason } from '../contract/rejection.ts'
import type { NumberLookup } from '../contacts/number-lookup.ts'
import type { SendRateLimiter } from './rate-limiter.ts'
import { HOUR_MS } from '../base/durations.ts'
import { planPaced, planUnpaced, type Plan } from './send-schedule.ts'
import { WakeLoop } from '../base/wake-loop.ts'
import type { Rendered } from '../media/render.ts'
import { RecipientCheck } from './recipient-check.ts'
import type { Store } from '../store/database.ts'
import type { ChatKey } from '../store/sql/schema.ts'
import { forgetAtOfSend } from '../store/messages/lifetimes.ts'
import { abandonSend, noteTransmission, settleSend, type StoredSend, withdrawSend } from '../store/sends/sends.ts'
import { listFirstWaiting, listOverdue, nextExpiry, type WaitingPage } from '../store/sends/send-queue.ts'

const CHATS_AT_A_TIME = 32
const INITIATED: readonly SendClass[] = ['proactive', 'cold']
const EVERYTHING: readonly SendClass[] = ['reply', 'group', ...INITIATED]
/** More chats of one class than limits of single chats can hold back at a time. */
const PACED_CHATS = 64
/** One page per class, so that a class that has to wait does not hold up another. */
const PACED_PAGES = [
  { limit: PACED_CHATS, lane: ['reply'], class: 'reply' },
  { limit: PACED_CHATS, lane: ['group'], class: 'group' },
  { limit: PACED_CHATS, lane: INITIATED, class: 'proactive' },
  { limit: PACED_CHATS, lane: INITIATED, class: 'cold' },
] as const

/** What dispatching sends needs. */
export type DispatcherParts = {
  readonly store: Store
  readonly gateway: Gateway
  readonly log: Log
  readonly pace: SendRateLimiter
  readonly contacts: Pick<NumberLookup, 'standings' | 'lookUp'>
  /** Renders a send, including its file. */
  readonly render: (send: StoredSend) => Promise<Rendered>
  /** Whether the account's backlog at WhatsApp has been taken over. */
  readonly isCaughtUp: (key: AccountKey) => boolean
  /** Called when a disappearing message was sent. */
  readonly onDisappearing?: () => void
  /** Called when a send of this org has changed its state. */
  readonly onChanged: (org: OrgId) => void
}

/** A transmission in progress. `noted`: the store has recorded it, and pacing counts it from there. */
type UnderWay = { readonly send: StoredSend; noted: boolean; done: Promise<void> }

/** Errors that waiting does not resolve: the request itself cannot be fulfilled. */
const HOPELESS = ['bad_request', 'not_found', 'wrong_media'] as const satisfies readonly RejectedReason[]

/**
 * Sends the messages of one account. It sleeps until the next send is due or expires. The order within a chat is kept; different
 * chats are sent in parallel.
 */
export class AccountDispatcher {
  readonly #key: AccountKey
  readonly #parts: DispatcherParts
  readonly #recipients: RecipientCheck
  readonly #pump = new WakeLoop(() => this.#work())
  readonly #underWay = new Map<string, UnderWay>()
  /** The sends that wait for a retry, and the chats that they block. */
  readonly #waits = new Map<string, { readonly timer: NodeJS.Timeout; readonly chatKey: ChatKey }>()
  readonly #backoffs = new Map<string, Backoff>()
  #alarm: NodeJS.Timeout | null = null
  #expiryAt = 0
  /** The value of the clock's set counter at the last check. */
  #clockSet = 0
  #connected = false
  /** When the connection came up. */
  #upSince = 0
  #closed = false

  constructor(key: AccountKey, parts: DispatcherParts) {
    this.#key = key
    this.#parts = parts
    this.#recipients = new RecipientCheck(key, parts.contacts, () => this.wake())
  }

  connected(): void {
    if (!this.#connected) this.#upSince = Date.now()
    this.#connected = true
    this.#recipients.forget()
    this.#stopWaiting()
    this.wake()
  }

  disconnected(): void {
    this.#connected = false
    this.#stopWaiting()
    this.wake()
  }

  /** A new send waits. Makes sure that the dispatcher wakes by the time the send expires. */
  accepted({ expiresAt }: StoredSend): void {
    this.#expiryAt = Math.min(this.#expiryAt, expiresAt)
    if (this.#connected || !this.#alarm) this.wake()
  }

  wake(): void {
    void this.#pump.wake()
  }

  /** Starts no more transmissions. */
  async stop(): Promise<void> {
    this.#closed = true
    this.#stopWaiting()
    await this.#pump.close()
    this.#wakeAt(Number.POSITIVE_INFINITY)
  }

  /** Waits for the transmissions under way. They end when the gateway ends, at the latest. */
  async settled(): Promise<void> {
    await Promise.all([...this.#underWay.values()].map(({ done }) => done))
  }

  async #work(): Promise<void> {
    if (this.#closed) return
    const { org, account } = this.#key
    try {
      await this.#heedClock()
      await this.#expire()
      const nextAt = this.#connected ? await this.#beginDue() : Number.POSITIVE_INFINITY
      this.#wakeAt(Math.min(nextAt, this.#expiryAt))
    } catch (error) {
      this.#parts.log.error({ org, account, ...errorFields(error) }, 'sends not taken')
      this.#wakeAt(Date.now() + createBackoff(Math.random).next(0))
    }
  }

  /** Instants that were computed earlier are wrong after somebody has set the clock. */
  async #heedClock(): Promise<void> {
    const { store, log } = this.#parts
    const clockSet = await store.clock.settle()
    if (clockSet === this.#clockSet) return
    this.#clockSet = clockSet
    this.#expiryAt = 0
    log.warn({ org: this.#key.org, account: this.#key.account }, 'clock was set')
  }

  /** Expires sends that were not sent in time. */
  async #expire(): Promise<void> {
    const now = Date.now()
    if (now < this.#expiryAt) return
    const { store, log, onChanged } = this.#parts
    const overdue = await listOverdue(store.connection, this.#key, now)
    await store.transaction(async transaction => {
      for (const send of overdue) await withdrawSend(transaction, send, 'expired')
    })
    this.#expiryAt = (await nextExpiry(store.connection, this.#key)) ?? Number.POSITIVE_INFINITY
    if (overdue.length === 0) return
    log.warn({ org: this.#key.org, account: this.#key.account, sends: overdue.length }, 'sends expired')
    onChanged(this.#key.org)
  }

  /** Starts the sends that are due. Returns when the next one will be. */
  async #beginDue(): Promise<number> {
    const room = CHATS_AT_A_TIME - this.#underWay.size
    if (room <= 0) return Number.POSITIVE_INFINITY
    const unnoted = [...this.#underWay.values()].filter(({ noted }) => !noted)
    const { past, standing } = await this.#parts.pace.record(this.#key)
    const waiting = await this.#waiting(standing ? PACED_PAGES : [{ limit: room, lane: EVERYTHING }])
    // A send on its way to its first transmission counts as sent now.
    if (standing) for (const { send } of unnoted) past.push({ ...send, at: standing.now })
    const plan = (sends: readonly StoredSend[]) => (standing ? planPaced(sends, past, standing) : planUnpaced(sends))
    const { ready, nextAt: otherAt } = await this.#reachable(waiting, plan)
    const { now, nextAt } = plan(ready)
    // Sends that find no free place now are planned again when a transmission ends.
    if (this.#connected && !this.#closed) for (const send of now.slice(0, room)) this.#begin(send)
    return Math.min(nextAt, otherAt, this.#mayBeLate() ? this.#upSince + BACKLOG_PATIENCE_MS : nextAt)
  }

  /** Whether messages that were written while the account was offline may still be unknown. */
  #mayBeLate(): boolean {
    return !this.#parts.isCaughtUp(this.#key) && Date.now() < this.#upSince + BACKLOG_PATIENCE_MS
  }

  /** A reply from before the connection came up. A person may have answered in the meantime, and that must be known first. */
  #isLate({ class: kind, transmittedAt, acceptedAt }: StoredSend): boolean {
    const isAnswer = kind === 'reply' || kind === 'group'
    return isAnswer && transmittedAt === null && acceptedAt <= this.#upSince && this.#mayBeLate()
  }

  /**
   * The waiting sends whose recipients may be written to. Other sends block none. If a send's turn has come and its number is
   * unknown, WhatsApp is asked for the number. Sends to numbers that are not on WhatsApp are rejected.
   */
  async #reachable(
    waiting: readonly StoredSend[],
    plan: (sends: readonly StoredSend[]) => Plan<StoredSend>,
  ): Promise<{ ready: readonly StoredSend[]; nextAt: number }> {
    const { ready, absent, unasked, nextAt: lookAt } = await this.#recipients.sift(waiting)
    for (const send of absent) await this.#giveUp(send, 'not_on_whatsapp')
    if (unasked.size === 0 || !this.#connected || this.#closed) return { ready, nextAt: lookAt }
    const { now, nextAt } = plan([...ready, ...unasked.keys()].toSorted((one, other) => one.seq - other.seq))
    this.#recipients.ask(now.flatMap(send => unasked.get(send) ?? []))
    return { ready, nextAt: Math.min(nextAt, lookAt) }
  }

  async #waiting(pages: readonly Omit<WaitingPage, 'except'>[]): Promise<StoredSend[]> {
    const { connection } = this.#parts.store
    const except = [...this.#underWay.keys(), ...this.#waits.keys()]
    const waiting = await Promise.all(pages.map(page => listFirstWaiting(connection, this.#key, { ...page, except })))
    const busy = new Set<ChatKey>([...this.#waits.values()].map(({ chatKey }) => chatKey))
    for (const { send } of this.#underWay.values()) busy.add(send.chatKey)
    return waiting.flat().filter(send => !busy.has(send.chatKey) && !this.#isLate(send))
  }

  #begin(send: StoredSend): void {
    const entry: UnderWay = { send, noted: send.transmittedAt !== null, done: Promise.resolve() }
    this.#underWay.set(send.id, entry)
    entry.done = this.#transmit(entry)
      .catch((error: unknown) => this.#failed(send, error))
      .catch(() => this.#later(send, 'internal'))
      .finally(() => {
        this.#underWay.delete(send.id)
        this.wake()
      })
  }

  async #transmit(entry: UnderWay): Promise<void> {
    const { send } = entry
    const { gateway, store, log, onChanged } = this.#parts
    const { org, account, chat, stanzaId, class: kind } = send
    const bytes = send.transmittedAt === null ? await this.#firstBytes(entry) : await this.#bytesAgain(send)
    if (!bytes) return
    const forgetAt = await forgetAtOfSend(store.connection, send.id)
    const written = { org, account, chat, stanzaId, bytes, class: kind, forgetAt }
    const outcome = await gateway.call('message.transmit', written)
    if (outcome.outcome === 'unknown') return this.#later(send, 'unknown')
    if (outcome.outcome === 'deferred') return this.#defer(send, outcome.forMs)
    await store.transaction(transaction => settleSend(transaction, send, outcome))
    this.#backoffs.delete(send.id)
    const { code, reason } = { code: null, reason: null, ...outcome }
    log.info({ org, account, send: send.id, outcome: outcome.outcome, code, reason }, 'send settled')
    onChanged(org)
    if (code !== null) await this.#warnOfStop()
  }

  /** Renders a send and records that its transmission starts now. Returns null if the send was cancelled before. */
  async #firstBytes(entry: UnderWay): Promise<Uint8Array | null> {
    const { render, store, log } = this.#parts
    const { org, account, id } = entry.send
    const rendered = await render(entry.send)
    const goes = await store.transaction(transaction =>
      noteTransmission(transaction, id, { ...rendered, at: Date.now() }),
    )
    entry.noted = true
    const { bytes, remark, expiresInSeconds = null } = rendered
    if (expiresInSeconds !== null) this.#parts.onDisappearing?.()
    if (remark) log.warn({ org, account, send: id, remark }, 'not sent as asked for')
    return goes ? bytes : null
  }

  /** The message that it quotes may have been forgotten by now, and the rendered bytes with it. Then it is rendered again. */
  async #bytesAgain(send: StoredSend): Promise<Uint8Array> {
    return send.bytes ?? (await this.#parts.render(send)).bytes
  }

  async #warnOfStop(): Promise<void> {
    const { org, account } = this.#key
    const until = await this.#parts.pace.stoppedUntil(this.#key)
    if (until === null) return
    const fields = { org, account, until: new Date(until).toISOString() }
    this.#parts.log.error(fields, 'nobody is spoken to first: messages were refused as unwanted')
  }

  async #failed(send: StoredSend, error: unknown): Promise<void> {
    const { code } = asChannelError(error)
    const reason = HOPELESS.find(each => each === code)
    return reason ? this.#giveUp(send, reason) : this.#later(send, code)
  }

  async #giveUp(send: StoredSend, reason: RejectedReason): Promise<void> {
    const { store, log, onChanged } = this.#parts
    await store.transaction(transaction => abandonSend(transaction, send, reason))
    this.#backoffs.delete(send.id)
    log.warn({ org: send.org, account: send.account, send: send.id, reason }, 'send given up')
    onChanged(send.org)
  }

  #later({ org, account, id, chatKey }: StoredSend, why: string): void {
    this.#parts.log.info({ org, account, send: id, why }, 'send waits')
    const backoff = this.#backoffs.get(id) ?? createBackoff(Math.random)
    this.#backoffs.set(id, backoff)
    this.#wait({ id, chatKey }, backoff.next(0))
  }

  /** A deferred send occupies no place while it waits, so it blocks no other chat. */
  #defer({ org, account, id, chatKey }: StoredSend, forMs: number): void {
    this.#parts.log.debug({ org, account, send: id, forMs }, 'send waits for a token')
    this.#wait({ id, chatKey }, forMs)
  }

  #wait({ id, chatKey }: Pick<StoredSend, 'id' | 'chatKey'>, forMs: number): void {
    if (this.#closed || !this.#connected) return
    const timer = setTimeout(() => {
      this.#waits.delete(id)
      this.wake()
    }, forMs)
    this.#waits.set(id, { timer, chatKey })
  }

  #stopWaiting(): void {
    for (const { timer } of this.#waits.values()) clearTimeout(timer)
    this.#waits.clear()
  }

  /** Wakes the dispatcher at an instant, but at least every hour, because limits grow with the age of the link. */
  #wakeAt(at: number): void {
    if (this.#alarm) clearTimeout(this.#alarm)
    this.#alarm = null
    if (this.#closed || !Number.isFinite(at)) return
    const delayMs = Math.min(HOUR_MS, Math.max(1, at - Date.now()))
    this.#alarm = setTimeout(() => {
      this.#alarm = null
      this.wake()
    }, delayMs)
  }
}
