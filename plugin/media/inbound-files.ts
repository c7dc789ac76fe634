import { EventEmitter, once } from 'node:events'

import { DAY_MS } from '../base/durations.ts'
import { createBackoff } from '../base/backoff.ts'
import { isOverQuota } from '../contract/artifact.ts'
import { errorFields } from '../contract/errors/error-fields.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import type { Gateway } from '../contract/gateway-protocol.ts'
import type { Artifacts, Log } from '../contract/host.ts'
import type { AccountKey, OrgId } from '../contract/ids.ts'
import type { AttachmentFailure, FetchOutcome } from '../contract/media.ts'
import { readPieces } from '../files/read-file.ts'
import { FairSlots } from '../base/fair-slots.ts'
import { WakeLoop } from '../base/wake-loop.ts'
import {
  hastenFiles,
  isFileAwaited,
  postponeFile,
  settleFile,
  wantAgain,
  type WantedFile,
} from '../store/messages/attachments.ts'
import { dueFiles, nextFileAt } from '../store/messages/due-files.ts'
import { findMessage } from '../store/messages/messages.ts'
import type { Store } from '../store/database.ts'
import { unholdTurns } from '../store/turns/turns.ts'
import type { TransferProgressFeed } from './transfer-progress.ts'

/** What fetching files needs. */
export type InboundFileParts = {
  readonly store: Store
  readonly gateway: Gateway
  readonly artifacts: Artifacts
  readonly transfers: TransferProgressFeed
  readonly log: Log
  readonly random: () => number
  /** Called when the result for a message's file has been stored, so its turn may begin. */
  readonly onSettled: () => void
}

/**
 * Each file is written to the disk twice: here and in the host's storage. An org alone may fetch four files at a time, and one chat
 * two.
 */
const SLOTS = { shared: 2, own: 2, ofChat: 2 } as const
/** How many due files of an account are read, so that files of other chats are found among them. */
const LOOKED_AT = 64
const TRIES_MOST = 5
/** How long a file waits if nobody could be asked for it, in ms. */
const PAUSE_MS = 5_000
const SOONEST_MS = 10
/** How long a reader of a message waits for its file at most, in ms. */
const WANTED_MS = 30_000

/** The source under which the file of a message is stored at the host. */
export const inboundSource = (messageId: string): string => `whatsapp:${messageId}`

type End = Parameters<typeof settleFile>[2]

/** Has the gateway fetch the files of messages, passes them to the host, and lets their turns begin. */
export class InboundFiles {
  readonly #parts: InboundFileParts
  readonly #running = new Map<string, Promise<void>>()
  readonly #slots = new FairSlots(SLOTS)
  readonly #pump = new WakeLoop(() => this.#startMore())
  /** Emits the id of each message whose file is settled. */
  readonly #settled = new EventEmitter().setMaxListeners(0)
  #closed = false
  #due: NodeJS.Timeout | null = null

  constructor(parts: InboundFileParts) {
    this.#parts = parts
  }

  /** Called when there may be more files to fetch. */
  wake(): void {
    if (!this.#closed) void this.#pump.wake()
  }

  /**
   * Fetches the file of a message that a person wants to see, even if no agent answers the message. Resolves when the file is
   * settled, or after half a minute; the fetch then continues. @throws ChannelError `not_found`
   */
  async want(org: OrgId, messageId: string): Promise<void> {
    const { store } = this.#parts
    const isWanted = await store.transaction(async transaction => {
      const message = await findMessage(transaction, org, messageId)
      if (!message?.attachment || message.direction === 'outbound') throw new ChannelError('not_found')
      return (await wantAgain(transaction, messageId, Date.now())) || (await isFileAwaited(transaction, [messageId]))
    })
    if (!isWanted) return
    const settled = once(this.#settled, messageId, { signal: AbortSignal.timeout(WANTED_MS) })
    this.wake()
    await settled.catch(() => undefined)
  }

  /** Files that waited for the account's connection are fetched now. */
  async connected(key: AccountKey): Promise<void> {
    await hastenFiles(this.#parts.store.connection, key, Date.now())
    this.wake()
  }

  /** Starts no more fetches. Fetches that the gateway does not finish from here on do not count as failed. */
  stop(): void {
    this.#closed = true
    if (this.#due) clearTimeout(this.#due)
  }

  /** Waits for the fetches under way. They end when the gateway ends, at the latest. */
  async close(): Promise<void> {
    this.stop()
    await this.#pump.close()
    await Promise.all(this.#running.values())
  }

  async #startMore(): Promise<void> {
    const { store, log } = this.#parts
    try {
      // The same instant for both queries: otherwise a file that falls due between them would be missed by both.
      const now = Date.now()
      const due = await dueFiles(store.connection, { now, most: LOOKED_AT })
      const waiting = due.filter(({ messageId }) => !this.#running.has(messageId))
      for (const file of this.#slots.next(waiting)) this.#start(file)
      // A fetch that runs may never end, so the next due file is not left to wait for it.
      const nextAt = await nextFileAt(store.connection, now)
      if (nextAt !== null) this.#wakeIn(nextAt - now)
    } catch (error) {
      log.error({ ...errorFields(error) }, 'files not looked for')
      this.#wakeIn(PAUSE_MS)
    }
  }

  #wakeIn(delayMs: number): void {
    if (this.#closed) return
    if (this.#due) clearTimeout(this.#due)
    this.#due = setTimeout(() => this.wake(), Math.max(SOONEST_MS, delayMs))
  }

  #start(file: WantedFile): void {
    const release = this.#slots.begin(file)
    const done = this.#fetch(file)
      .catch((error: unknown) => this.#notFetched(file, error))
      .finally(() => {
        this.#running.delete(file.messageId)
        release()
        this.wake()
      })
    this.#running.set(file.messageId, done)
  }

  async #fetch(wanted: WantedFile): Promise<void> {
    const { gateway, transfers } = this.#parts
    const { org, account, file, kind, messageId } = wanted
    if (await this.#isFull(org)) return this.#settle(wanted, { failure: 'over_quota' })
    using transfer = transfers.begin(file, { org, account, messageId, direction: 'inbound' })
    const outcome = await gateway
      .call('media.fetch', { org, account, file, kind })
      .catch((error: unknown): FetchOutcome => {
        // If the gateway dies of a file, the attempt counts, so that this does not repeat for a day. If we stop the gateway
        // ourselves, it does not count.
        if (transfer.hasMoved() && !this.#closed) return { outcome: 'failed', code: 'unreachable', again: true }
        throw error
      })
    if (outcome.outcome === 'failed') return this.#failed(wanted, outcome.code, outcome.again)
    await this.#settle(wanted, await this.#handOver(wanted, outcome))
    await gateway.call('media.release', { org, account, file }).catch(() => undefined)
  }

  async #isFull(org: OrgId): Promise<boolean> {
    const room = await this.#parts.artifacts.room?.(org)
    return room !== undefined && room.usedBytes >= room.mostBytes
  }

  async #handOver(wanted: WantedFile, found: Extract<FetchOutcome, { outcome: 'fetched' }>): Promise<End> {
    const { artifacts } = this.#parts
    const { path, sizeBytes, sha256, mime } = found
    const { messageId, fileName } = wanted
    const facts = { source: inboundSource(messageId), sizeBytes, sha256, mime, fileName }
    try {
      return { artifact: await artifacts.put(wanted.org, readPieces(path), facts) }
    } catch (error) {
      if (isOverQuota(error)) return { failure: 'over_quota' }
      throw error
    }
  }

  /** Nobody could be asked, or the host could not store the file. Retried for a day. */
  async #notFetched(wanted: WantedFile, error: unknown): Promise<void> {
    const { log } = this.#parts
    if (error instanceof ChannelError) log.warn({ ...fieldsOf(wanted), code: error.code }, 'file not fetched')
    else log.warn({ ...fieldsOf(wanted), code: 'artifact_not_stored' }, 'file not stored at the host')
    if (Date.now() - wanted.wantedAt < DAY_MS) return this.#again(wanted, PAUSE_MS, wanted.attempts)
    await this.#settle(wanted, { failure: 'overdue' })
  }

  async #failed(wanted: WantedFile, failure: AttachmentFailure, again: boolean): Promise<void> {
    const attempts = wanted.attempts + 1
    this.#parts.log.warn({ ...fieldsOf(wanted), code: failure, attempts }, 'file not fetched')
    if (!again || attempts >= TRIES_MOST) return this.#settle(wanted, { failure })
    const backoff = createBackoff(this.#parts.random)
    for (let past = 1; past < attempts; past += 1) backoff.next(0)
    await this.#again(wanted, backoff.next(0), attempts)
  }

  async #again({ messageId }: WantedFile, inMs: number, attempts: number): Promise<void> {
    const { store, log } = this.#parts
    const next = { nextAt: Date.now() + inMs, attempts }
    await postponeFile(store.connection, messageId, next).catch((error: unknown) => {
      log.error({ message: messageId, ...errorFields(error) }, 'file not postponed')
    })
  }

  async #settle(wanted: WantedFile, end: End): Promise<void> {
    const { store, log, artifacts, onSettled } = this.#parts
    const isKept = await store.transaction(async transaction => {
      const isSettled = await settleFile(transaction, wanted.messageId, end)
      await unholdTurns(transaction, wanted.messageId)
      return isSettled
    })
    if (!isKept) await artifacts.forget?.(wanted.org, inboundSource(wanted.messageId))
    const kept =
      'artifact' in end ? { artifact: end.artifact.id, bytes: end.artifact.sizeBytes } : { code: end.failure }
    log.info({ ...fieldsOf(wanted), ...kept }, 'file settled')
    this.#settled.emit(wanted.messageId)
    onSettled()
  }
}

const fieldsOf = ({ org, account, messageId, kind }: WantedFile) => ({ org, account, message: messageId, kind })
