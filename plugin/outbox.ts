import { createHash } from 'node:crypto'

import type { Backoff } from './contract/backoff.ts'
import { createBackoff } from './contract/backoff.ts'
import type { OutboundContent } from './contract/delivery.ts'
import { asChannelError } from './contract/errors.ts'
import type { Gateway } from './contract/gateway-protocol.ts'
import type { Log } from './contract/host.ts'
import type { AccountKey, OrgId, Phone } from './contract/ids.ts'
import { Pump } from './pump.ts'
import type { Connection, Store } from './store/database.ts'
import { addMessage } from './store/messages.ts'
import type { ChatKey, PersonId } from './store/schema.ts'
import type { StoredSend } from './store/sends.ts'
import { abandonSend, addSend, findSend, keepBytes, listForeignSends, nextSends, settleSend } from './store/sends.ts'

const CHATS_AT_A_TIME = 32

/** What the outbox needs. */
export type OutboxParts = {
  readonly store: Store
  readonly gateway: Gateway
  readonly log: Log
  /** A message was accepted under this number of the org's stream. */
  readonly onAccepted: (org: OrgId, seq: number) => void
}

/** Something to say: who says it, where, and the id under which it is said once. */
export type Saying = AccountKey & {
  readonly id: string
  readonly from: PersonId
  readonly chatKey: ChatKey
  readonly content: OutboundContent
}

/** One account's way out. */
type Outlet = {
  readonly pump: Pump
  /** The transmissions that have begun, by the id of their send. */
  readonly underWay: Map<string, Promise<void>>
  /** The sends that wait for their next transmission. */
  readonly waits: Map<string, NodeJS.Timeout>
  connected: boolean
}

/** Why nothing can be said for good: waiting does not change what was asked. */
const HOPELESS: ReadonlySet<string> = new Set(['bad_request'])

/** WhatsApp's id of a send: the same for each of its transmissions, in this process and the next. */
export function stanzaIdOf({ org, account, id }: AccountKey & { readonly id: string }): string {
  const hash = createHash('sha256').update(`${org}/${account}${id}`).digest('hex')
  return `3EB0${hash.slice(0, 18).toUpperCase()}`
}

/**
 * The one door out. What was accepted is transmitted until WhatsApp has acknowledged or refused it: in order within a
 * chat, chats beside each other, always with the same id and the same bytes.
 */
export class Outbox {
  readonly #parts: OutboxParts
  readonly #outlets = new Map<string, Outlet>()
  readonly #backoffs = new Map<string, Backoff>()
  #closed = false

  constructor(parts: OutboxParts) {
    this.#parts = parts
  }

  /**
   * Accepts what `prepare` says within its transaction. An id that was accepted before is not said again: its send is the
   * answer, also when `prepare` answers with that of an earlier one.
   */
  async accept(org: OrgId, prepare: (transaction: Connection) => Promise<Saying | StoredSend>): Promise<StoredSend> {
    const { send, fresh } = await this.#parts.store.transaction(async transaction => {
      const saying = await prepare(transaction)
      if ('status' in saying) return { send: saying, fresh: false }
      const before = await findSend(transaction, org, saying.id)
      return before ? { send: before, fresh: false } : { send: await keep(transaction, saying), fresh: true }
    })
    if (fresh) {
      this.#parts.log.info({ org, account: send.account, send: send.id, message: send.messageId }, 'send accepted')
      this.#parts.onAccepted(org, send.seq)
      void this.#outlet(send).pump.wake()
    }
    return send
  }

  /** The account is connected as this number. What was to be said as another number is not said as this one. */
  async connected(key: AccountKey, phone: Phone): Promise<void> {
    await this.#parts.store.transaction(async transaction => {
      const foreign = await listForeignSends(transaction, key, phone)
      for (const send of foreign) await abandonSend(transaction, send, 'link_changed')
    })
    const outlet = this.#outlet(key)
    outlet.connected = true
    stopWaiting(outlet)
    void outlet.pump.wake()
  }

  /** Nothing can be transmitted until the account is connected again. */
  disconnected(key: AccountKey): void {
    const outlet = this.#outlet(key)
    outlet.connected = false
    stopWaiting(outlet)
  }

  /** Begins no more transmissions. */
  async stop(): Promise<void> {
    this.#closed = true
    const outlets = [...this.#outlets.values()]
    outlets.forEach(stopWaiting)
    await Promise.all(outlets.map(({ pump }) => pump.close()))
  }

  /** Waits for the transmissions under way, which end at the latest with the gateway. */
  async settled(): Promise<void> {
    await Promise.all([...this.#outlets.values()].flatMap(({ underWay }) => [...underWay.values()]))
  }

  #outlet({ org, account }: AccountKey): Outlet {
    const name = `${org}/${account}`
    const known = this.#outlets.get(name)
    if (known) return known
    const outlet: Outlet = {
      pump: new Pump(() => this.#sendMore({ org, account }, outlet)),
      underWay: new Map(),
      waits: new Map(),
      connected: false,
    }
    this.#outlets.set(name, outlet)
    return outlet
  }

  async #sendMore(key: AccountKey, outlet: Outlet): Promise<void> {
    const { store, log } = this.#parts
    const limit = CHATS_AT_A_TIME - outlet.underWay.size
    if (!outlet.connected || this.#closed || limit <= 0) return
    const except = [...outlet.underWay.keys(), ...outlet.waits.keys()]
    try {
      for (const send of await nextSends(store.connection, key, { except, limit })) this.#begin(send, outlet)
    } catch (error) {
      log.error({ org: key.org, account: key.account, code: asChannelError(error).code }, 'sends not taken')
    }
  }

  #begin(send: StoredSend, outlet: Outlet): void {
    const done = this.#transmit(send)
      .catch((error: unknown) => this.#failed(send, error))
      .catch(() => this.#later(send, 'internal'))
      .finally(() => {
        outlet.underWay.delete(send.id)
        void outlet.pump.wake()
      })
    outlet.underWay.set(send.id, done)
  }

  async #transmit(send: StoredSend): Promise<void> {
    const { gateway, store, log } = this.#parts
    const { org, account, chat, stanzaId } = send
    const bytes = send.bytes ?? (await this.#render(send))
    const outcome = await gateway.call('message.transmit', { org, account, chat, stanzaId, bytes })
    if (outcome.outcome === 'unknown') return this.#later(send, 'unknown')
    await store.transaction(transaction => settleSend(transaction, send, outcome))
    this.#backoffs.delete(send.id)
    const code = outcome.outcome === 'rejected' ? outcome.code : null
    log.info({ org, account, send: send.id, outcome: outcome.outcome, code }, 'send settled')
  }

  async #render({ id, content, chat }: StoredSend): Promise<Uint8Array> {
    const { gateway, store } = this.#parts
    const { bytes } = await gateway.call('message.render', { content, chat })
    await keepBytes(store.connection, id, bytes)
    return bytes
  }

  async #failed(send: StoredSend, error: unknown): Promise<void> {
    const { code } = asChannelError(error)
    if (!HOPELESS.has(code)) return this.#later(send, code)
    await this.#parts.store.transaction(transaction => abandonSend(transaction, send, code))
    this.#backoffs.delete(send.id)
    this.#parts.log.warn({ org: send.org, account: send.account, send: send.id, code }, 'send given up')
  }

  #later(send: StoredSend, why: string): void {
    const { org, account, id } = send
    const outlet = this.#outlet(send)
    this.#parts.log.info({ org, account, send: id, why }, 'send waits')
    if (this.#closed || !outlet.connected) return
    const backoff = this.#backoffs.get(id) ?? createBackoff(Math.random)
    this.#backoffs.set(id, backoff)
    const timer = setTimeout(() => {
      outlet.waits.delete(id)
      void outlet.pump.wake()
    }, backoff.next(0))
    outlet.waits.set(id, timer)
  }
}

function stopWaiting({ waits }: Outlet): void {
  for (const timer of waits.values()) clearTimeout(timer)
  waits.clear()
}

/** Keeps the message and its send, under one number of the org's stream. */
async function keep(transaction: Connection, saying: Saying): Promise<StoredSend> {
  const { org, account, id, chatKey, content } = saying
  const acceptedAt = Date.now()
  const stanzaId = stanzaIdOf(saying)
  const message = await addMessage(transaction, {
    org,
    account,
    chatKey,
    stanzaId,
    content,
    direction: 'outbound',
    senderId: saying.from,
    receiverId: null,
    edits: null,
    fromMe: true,
    senderName: null,
    mentioned: false,
    quoted: null,
    outcome: 'accepted',
    bindingId: null,
    sentAt: acceptedAt,
    receivedAt: acceptedAt,
  })
  await addSend(transaction, {
    org,
    account,
    id,
    chatKey,
    stanzaId,
    content,
    acceptedAt,
    messageId: message.id,
    seq: message.seq,
  })
  const send = await findSend(transaction, org, id)
  if (!send) throw new Error('a send that was just stored is there')
  return send
}
