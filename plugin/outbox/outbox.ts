import type { NewSend } from '../store/sends/new-send.ts'
import { enqueue } from './enqueue.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import { accountId, type AccountKey, type OrgId, type Phone } from '../contract/ids.ts'
import { AccountDispatcher, type DispatcherParts } from './dispatcher.ts'
import { noteBan, noteFirstLink } from '../store/sends/send-history.ts'
import type { Connection } from '../store/sql/connection.ts'
import { abandonSend, findSend, listForeignSends, type StoredSend, withdrawSend } from '../store/sends/sends.ts'
import { listWaitingAccounts } from '../store/sends/send-queue.ts'

/** What the outbox needs. */
export type OutboxParts = DispatcherParts & {
  /** Called when a message was accepted under this sequence number of the org's stream. */
  readonly onAccepted: (org: OrgId, seq: number) => void
}

/**
 * Sends all messages. An accepted send is transmitted until WhatsApp has acknowledged or refused it: in order within a chat,
 * different chats in parallel, always with the same id and the same bytes.
 */
export class Outbox {
  readonly #parts: OutboxParts
  readonly #dispatchers = new Map<string, AccountDispatcher>()
  /** Sends enqueued by transactions that may not be committed yet. */
  readonly #untold = new WeakSet<StoredSend>()
  /**
   * How often each account was disconnected. A `connected` call that began before a disconnect does not connect the account
   * afterwards.
   */
  readonly #losses = new Map<string, number>()

  constructor(parts: OutboxParts) {
    this.#parts = parts
  }

  /** Continues with the sends that earlier processes left, including those that can only expire. */
  async open(): Promise<void> {
    for (const key of await listWaitingAccounts(this.#parts.store.connection)) this.#dispatcher(key).wake()
  }

  /**
   * Stores a message and its send within a transaction. If the id was accepted before, returns the earlier send and stores nothing.
   * After the commit, {@link accepted} must be called.
   */
  async enqueue(transaction: Connection, message: NewSend): Promise<StoredSend> {
    const before = await findSend(transaction, message.org, message.id)
    if (before) return before
    const send = await enqueue(transaction, message, this.#parts.pace)
    this.#untold.add(send)
    return send
  }

  /** Called after the commit of the transaction that enqueued these sends. Sends that were accepted earlier are skipped. */
  accepted(...sends: readonly StoredSend[]): void {
    const { log, onAccepted, onChanged } = this.#parts
    for (const send of sends.filter(each => this.#untold.delete(each))) {
      const { org, account, id, messageId, held } = send
      log.info({ org, account, send: id, message: messageId, held }, 'send accepted')
      onAccepted(org, send.seq)
      onChanged(org)
      this.#dispatcher(send).accepted(send)
    }
  }

  /** Cancels a send that was not transmitted yet. */
  async cancel(org: OrgId, id: string): Promise<void> {
    const { store, log, onChanged } = this.#parts
    const send = await store.transaction(async transaction => {
      const found = await findSend(transaction, org, id)
      if (!found) throw new ChannelError('not_found')
      if (found.status === 'cancelled') return null
      if (!(await withdrawSend(transaction, found, 'cancelled'))) throw new ChannelError('already_sent')
      return found
    })
    if (!send) return
    log.info({ org, account: send.account, send: id }, 'send cancelled')
    onChanged(org)
    this.#dispatcher(send).wake()
  }

  /** The account is connected with this number. Sends that were to come from another number are rejected. */
  async connected(key: AccountKey, phone: Phone): Promise<void> {
    const losses = this.#lossesOf(key)
    const foreign = await this.#parts.store.transaction(async transaction => {
      await noteFirstLink(transaction, key, { phone, at: Date.now() })
      const sends = await listForeignSends(transaction, key, phone)
      for (const send of sends) await abandonSend(transaction, send, 'link_changed')
      return sends
    })
    if (foreign.length > 0) this.#parts.onChanged(key.org)
    if (losses === this.#lossesOf(key)) this.#dispatcher(key).connected()
  }

  /** Nothing can be transmitted until the account is connected again. */
  disconnected(key: AccountKey): void {
    this.#losses.set(accountId(key), this.#lossesOf(key) + 1)
    this.#dispatcher(key).disconnected()
  }

  /** WhatsApp has banned the account for a time. Nothing is sent before the ban has ended, no matter who connects the account. */
  banned(key: AccountKey, until: number): Promise<void> {
    return this.#parts.store.transaction(transaction => noteBan(transaction, key, until))
  }

  /** What the account may send has changed, so waiting sends are checked again. */
  wake(key: AccountKey): void {
    this.#dispatcher(key).wake()
  }

  /** Starts no more transmissions. */
  async stop(): Promise<void> {
    await Promise.all([...this.#dispatchers.values()].map(dispatcher => dispatcher.stop()))
  }

  /** Waits for the transmissions under way. They end when the gateway ends, at the latest. */
  async settled(): Promise<void> {
    await Promise.all([...this.#dispatchers.values()].map(dispatcher => dispatcher.settled()))
  }

  #lossesOf(key: AccountKey): number {
    return this.#losses.get(accountId(key)) ?? 0
  }

  #dispatcher({ org, account }: AccountKey): AccountDispatcher {
    const name = accountId({ org, account })
    const known = this.#dispatchers.get(name)
    if (known) return known
    const dispatcher = new AccountDispatcher({ org, account }, this.#parts)
    this.#dispatchers.set(name, dispatcher)
    return dispatcher
  }
}
