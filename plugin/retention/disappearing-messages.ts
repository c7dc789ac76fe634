import { setImmediate } from 'node:timers/promises'

import { errorFields } from '../contract/errors/error-fields.ts'
import { asChannelError } from '../contract/errors/errors.ts'
import type { Gateway } from '../contract/gateway-protocol.ts'
import type { Artifacts, Log } from '../contract/host.ts'
import { accountId, type AccountKey } from '../contract/ids.ts'
import { forgetFile } from './delete-file.ts'
import { RewritePace } from '../files/vacuum-pace.ts'
import { HOUR_MS } from '../base/durations.ts'
import { WakeLoop } from '../base/wake-loop.ts'
import type { Store } from '../store/database.ts'
import { listLeftFiles } from '../store/deletion/deleted-files.ts'
import { forgetMessages, listDisappeared, nextDisappearance } from '../store/deletion/disappeared.ts'
import { purge } from '../store/sql/overwrite.ts'

/** What forgetting needs. */
export type DisappearingParts = {
  readonly store: Store
  readonly gateway: Pick<Gateway, 'call'>
  readonly artifacts: Pick<Artifacts, 'forget'>
  readonly log: Log
  /** Whether messages that disappear from their chats are kept all the same. */
  readonly keeps: () => boolean
  /** ms UTC */
  readonly now?: () => number
}

/** Notified of what ended because its messages were forgotten. */
export type ForgettingListener = {
  /** These running turns were cancelled. */
  cancelled(turnIds: readonly string[]): void
  /** Sends of this account were ended. */
  silenced(key: AccountKey): void
}

const NOBODY: ForgettingListener = { cancelled: () => undefined, silenced: () => undefined }

/** The most messages per transaction, so that nobody waits long for the store. */
const MESSAGES_AT_A_TIME = 50
const FILES_AT_A_TIME = 50
/** How long to wait before a failed deletion elsewhere is retried, in ms. */
const AGAIN_MS = 60_000
const SOONEST_MS = 10

/**
 * An account whose gateway must be told to forget, and from when on. `words`: whether texts that it sent or received were forgotten
 * here.
 */
type Told = { readonly key: AccountKey; dueAt: number; words: boolean }

/**
 * Deletes the content of messages as soon as they have disappeared from their chats: here, at the host and in the gateway's files.
 * It sleeps until the next message disappears, and after a restart handles those that disappeared before.
 */
export class DisappearingMessages {
  readonly #parts: DisappearingParts
  readonly #now: () => number
  readonly #told = new Map<string, Told>()
  readonly #pump = new WakeLoop(() => this.#work())
  #listener = NOBODY
  #alarm: NodeJS.Timeout | null = null
  #closed = false
  readonly #pace = new RewritePace()
  /**
   * When the store is purged next. The first time is at once, because nobody knows what an earlier process has left; null if not
   * again.
   */
  #purgeAt: number | null = Number.NEGATIVE_INFINITY

  constructor(parts: DisappearingParts) {
    this.#parts = parts
    this.#now = parts.now ?? Date.now
  }

  /** Must be called before {@link open}. */
  listen(listener: ForgettingListener): void {
    this.#listener = listener
  }

  /**
   * Forgets the messages that disappeared while no process ran, before anybody answers them. The rest is done in the background.
   */
  async open(): Promise<void> {
    if (!this.#parts.keeps()) await this.#forgetMessages(this.#now())
    void this.wake()
  }

  /**
   * Called when a message may disappear sooner than was known. Resolves when everything that has disappeared by now is forgotten.
   */
  wake(): Promise<void> {
    return this.#closed ? Promise.resolve() : this.#pump.wake()
  }

  /** The gateway has opened the file of an account, so messages that disappeared before are forgotten there. */
  opened(key: AccountKey): void {
    this.#tell(key, { dueAt: Number.NEGATIVE_INFINITY, words: false })
    void this.wake()
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#alarm) clearTimeout(this.#alarm)
    await this.#pump.close()
  }

  async #work(): Promise<void> {
    if (this.#parts.keeps() || this.#closed) return
    // The same instant for all steps: otherwise a message that disappears between two of them would be missed by both.
    const now = this.#now()
    let nextAt = now + AGAIN_MS
    try {
      const messages = await this.#forgetMessages(now)
      const files = await this.#forgetFiles()
      if (messages + files.forgotten > 0 || (this.#purgeAt ?? Number.POSITIVE_INFINITY) <= now) await this.#purge(now)
      await this.#tellGateways(now)
      if (messages + files.forgotten > 0) this.#parts.log.info({ messages, files: files.forgotten }, 'forgotten')
      const next = await nextDisappearance(this.#parts.store.connection, now)
      const dues = [...this.#told.values()].map(({ dueAt }) => dueAt)
      const more = [next, this.#purgeAt, files.left ? nextAt : null].flatMap(at => at ?? [])
      nextAt = Math.min(...more, ...dues, now + HOUR_MS)
    } catch (error) {
      this.#parts.log.error({ ...errorFields(error) }, 'not forgotten')
    }
    this.#wakeIn(nextAt - this.#now())
  }

  async #purge(now: number): Promise<void> {
    const waitMs = await purge(this.#parts.store.connection, this.#pace)
    this.#purgeAt = waitMs === null ? null : now + waitMs
  }

  async #forgetMessages(now: number): Promise<number> {
    const { store } = this.#parts
    let count = 0
    while (!this.#closed) {
      const due = await listDisappeared(store.connection, now, MESSAGES_AT_A_TIME)
      if (due.length === 0) break
      const { running, silenced } = await store.transaction(transaction => forgetMessages(transaction, due, now))
      if (running.length > 0) this.#listener.cancelled(running)
      for (const key of silenced) this.#listener.silenced(key)
      for (const { org, account } of due) this.#tell({ org, account }, { dueAt: now, words: true })
      count += due.length
      await setImmediate()
    }
    return count
  }

  /** `left`: whether some files could not be deleted now. They do not hold up others. */
  async #forgetFiles(): Promise<{ forgotten: number; left: boolean }> {
    const { store } = this.#parts
    const found = { forgotten: 0, left: false }
    for (let after: string | undefined = ''; after !== undefined && !this.#closed;) {
      const files = await listLeftFiles(store.connection, { after, limit: FILES_AT_A_TIME })
      for (const file of files) {
        if (await forgetFile(this.#parts, file)) found.forgotten += 1
        else found.left = true
      }
      after = files.at(-1)?.messageId
    }
    return found
  }

  async #tellGateways(now: number): Promise<void> {
    const { gateway, log } = this.#parts
    for (const told of this.#told.values()) {
      if (told.dueAt > now || this.#closed) continue
      const { org, account } = told.key
      // A gateway that is down has no file open. `opened` is called when it opens one.
      told.dueAt = Number.POSITIVE_INFINITY
      try {
        const { nextAt } = await gateway.call('account.forget', { org, account, at: now, words: told.words })
        told.words = false
        told.dueAt = Math.min(told.dueAt, nextAt ?? Number.POSITIVE_INFINITY)
      } catch (error) {
        const { code } = asChannelError(error)
        if (code !== 'gateway_unreachable') told.dueAt = now + AGAIN_MS
        log.info({ org, account, code }, 'gateway not told to forget')
      }
    }
  }

  #tell({ org, account }: AccountKey, { dueAt, words }: Omit<Told, 'key'>): void {
    const name = accountId({ org, account })
    const isUntold = this.#told.get(name)?.words ?? false
    this.#told.set(name, { key: { org, account }, dueAt, words: words || isUntold })
  }

  /** Wakes within the hour in any case, because the clock may be set. */
  #wakeIn(delayMs: number): void {
    if (this.#alarm) clearTimeout(this.#alarm)
    this.#alarm = null
    if (this.#closed) return
    this.#alarm = setTimeout(() => void this.wake(), Math.min(HOUR_MS, Math.max(SOONEST_MS, delayMs)))
  }
}
