import { createHash } from 'node:crypto'

import type { SendRequest, Wording } from '../contract/api/sends.ts'
import type { NewSend } from '../store/sends/new-send.ts'
import type { Settings } from '../config/settings.ts'
import type { AcceptedSend, OutboundFile, SendClass } from '../contract/delivery.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import {
  type AccountKey,
  type AccountName,
  DEFAULT_ACCOUNT,
  type OrgId,
  parseAddress,
  parseGroupId,
  personAt,
} from '../contract/ids.ts'
import type { OutboundFiles } from '../media/outbound-files.ts'
import type { EventLoopShares } from '../base/event-loop-shares.ts'
import type { Outbox } from './outbox.ts'
import { contentOf, type Wish } from './message-content.ts'
import { requireAccount } from '../store/accounts/accounts.ts'
import { hasWritten } from '../store/sends/send-history.ts'
import type { Connection } from '../store/sql/connection.ts'
import type { Store } from '../store/database.ts'
import { namedPerson } from '../store/people/contacts.ts'
import { findKey, keepKey } from '../store/sends/idempotency-keys.ts'
import { knownPerson } from '../store/people/people.ts'
import { findPlaceOfReplies } from '../store/sends/replies.ts'
import { rowId } from '../store/sql/row-id.ts'
import type { ChatKey } from '../store/sql/schema.ts'
import { findSend, type StoredSend } from '../store/sends/sends.ts'
import { isUnderWay, type StoredTurn } from '../store/turns/turns.ts'
import { countWaiting } from '../store/sends/send-queue.ts'
import { inParts } from '../formatting/content-parts.ts'

/** The most replies of one turn. It stops an agent that never ends. */
const REPLIES_OF_A_TURN = 100

/** A hash of a request that does not depend on how its JSON was written: the keys are in the order of the schema. */
function hashOf(account: AccountName, { to, text, reaction, ...rest }: SendRequest): string {
  const first = [to, text ?? null, reaction ? [reaction.message_id, reaction.emoji] : null]
  const more = account === DEFAULT_ACCOUNT ? rest : { ...rest, account }
  const canonical = JSON.stringify(Object.keys(more).length === 0 ? first : [...first, more])
  return createHash('sha256').update(canonical).digest('hex')
}

/** The id of a turn's reply. It is the same if the turn is run again. */
function replyId(turn: StoredTurn, index: number): string {
  return `snd_${turn.id.slice('trn_'.length)}_${index}`
}

/** The id of a further part of a long text. */
const partId = (id: string, part: number): string => (part === 1 ? id : `${id}_${part}`)

/** All sends that an earlier request was accepted as. */
async function partsOf(transaction: Connection, org: OrgId, id: string): Promise<StoredSend[]> {
  const parts: StoredSend[] = []
  for (let part = 1; ; part += 1) {
    const send = await findSend(transaction, org, partId(id, part))
    if (!send) return parts
    parts.push(send)
  }
}

function inOne([first, ...more]: readonly StoredSend[]): AcceptedSend {
  if (!first) throw new ChannelError('internal')
  return { ...first, more }
}

async function classOf(transaction: Connection, chat: AccountKey & { chatKey: ChatKey }): Promise<SendClass> {
  if (parseGroupId(chat.chatKey)) return 'group'
  return (await hasWritten(transaction, chat)) ? 'proactive' : 'cold'
}

/** The chat that a message is sent to, and the number it is sent from. */
type Route = Pick<NewSend, 'org' | 'account' | 'from' | 'chatKey' | 'class'>

async function routeOf(transaction: Connection, { org, account }: AccountKey, request: SendRequest): Promise<Route> {
  const key = { org, account }
  const { phone } = await requireAccount(transaction, key)
  if (!phone) throw new ChannelError('not_paired')
  const to = parseAddress(request.to)
  if (!to) throw new ChannelError('bad_request')
  const chatKey = to.kind === 'group' ? to.group : (await namedPerson(transaction, key, personAt(to))).id
  const from = await knownPerson(transaction, key, { phone, lid: null })
  return { ...key, from: from.id, chatKey, class: await classOf(transaction, { ...key, chatKey }) }
}

/** A reply of a turn. The same turn and index always identify the same reply. */
type TurnReply = { readonly turn: StoredTurn; readonly index: number; readonly wording: Wording }

/** The settings that sending depends on. */
export type SendRequestSettings = Pick<Settings, 'coldContact' | 'growthLimits'>

type Asked = {
  readonly key: AccountKey
  readonly request: SendRequest
  readonly parts: readonly Wording[]
  readonly file: Wish['file']
}

/** What sending needs. */
export type SendRequestParts = {
  readonly store: Store
  readonly outbox: Outbox
  readonly enclosures: Pick<OutboundFiles, 'of'>
  readonly shares: Pick<EventLoopShares, 'next'>
  readonly settings: (org: OrgId) => SendRequestSettings
}

/** Accepts sends of API callers and replies of agents, and puts them into the outbox. */
export class SendRequests {
  readonly #parts: SendRequestParts

  constructor(parts: SendRequestParts) {
    this.#parts = parts
  }

  /** Accepts a request, as several messages if its text is long. The same key and request return the same sends. */
  async send(key: AccountKey, request: SendRequest, idempotencyKey: string | null): Promise<AcceptedSend> {
    const { outbox, shares, store } = this.#parts
    const { org, account } = key
    const use = idempotencyKey === null ? null : { key: idempotencyKey, bodyHash: hashOf(account, request) }
    // Nothing is fetched again for a request that was accepted before.
    const before = use && (await this.#earlier(store.connection, org, use))
    if (before) return inOne(before)
    const [file, parts] = [await this.#fileOf(org, request), await inParts(request, () => shares.next(org, 'calls'))]
    const sends = await store.transaction(async transaction => {
      const earlier = use && (await this.#earlier(transaction, org, use))
      if (earlier) return earlier
      const id = rowId('snd')
      if (use) await keepKey(transaction, org, { ...use, sendId: id })
      const enqueued: StoredSend[] = []
      for (const message of await this.#messages(transaction, id, { key, request, parts, file }))
        enqueued.push(await outbox.enqueue(transaction, message))
      return enqueued
    })
    outbox.accepted(...sends)
    return inOne(sends)
  }

  async #earlier(
    connection: Connection,
    org: OrgId,
    { key, bodyHash }: { key: string; bodyHash: string },
  ): Promise<StoredSend[] | null> {
    const used = await findKey(connection, org, key)
    if (used && used.bodyHash !== bodyHash) throw new ChannelError('idempotency_key_reused')
    const parts = used ? await partsOf(connection, org, used.sendId) : []
    return parts.length > 0 ? parts : null
  }

  async #fileOf(org: OrgId, { media }: Pick<Wording, 'media'>): Promise<OutboundFile | null> {
    return media ? this.#parts.enclosures.of(org, media) : null
  }

  /**
   * Sends a turn's reply to the chat of the turn's message, from the number that the message was sent to, unless the turn has
   * reached its limit of replies. If the chat's limits allow no send yet, the reply waits in the outbox.
   */
  async reply({ turn, index, wording }: TurnReply): Promise<'accepted' | 'over_cap' | 'taken_back'> {
    if (index >= REPLIES_OF_A_TURN) return 'over_cap'
    const { outbox, store } = this.#parts
    const { id, isSaid } = await this.#placeOf(turn, index)
    if (isSaid) return 'accepted'
    const file = await this.#fileOf(turn.org, wording)
    const send = await store.transaction(async transaction => {
      if (!(await isUnderWay(transaction, turn))) return null
      const { org } = turn
      const place = await findPlaceOfReplies(transaction, org, turn.messageId)
      if (!place) throw new ChannelError('internal')
      const { account, chatKey, from } = place
      const kind = parseGroupId(chatKey) ? 'group' : 'reply'
      await this.#requireRoom(transaction, org, 1)
      const content = await contentOf(transaction, { wording, file }, { org, account, chatKey })
      const reply = { id, content, replyIndex: index, answers: turn.messageId, waitedMs: turn.gatherWaitMs }
      return outbox.enqueue(transaction, { org, account, chatKey, from, class: kind, ...reply })
    })
    if (send === null) return 'taken_back'
    outbox.accepted(send)
    return 'accepted'
  }

  /**
   * The id of a reply. It is a new one if a person took the chat over before the reply was sent, and has let the turn go on since.
   */
  async #placeOf(turn: StoredTurn, index: number): Promise<{ readonly id: string; readonly isSaid: boolean }> {
    const first = replyId(turn, index)
    for (let again = 0; ; again += 1) {
      const id = again === 0 ? first : `${first}_${again}`
      const send = await findSend(this.#parts.store.connection, turn.org, id)
      if (send?.rejectedReason !== 'human_takeover') return { id, isSaid: send !== undefined }
    }
  }

  async #messages(transaction: Connection, id: string, { key, request, parts, file }: Asked): Promise<NewSend[]> {
    const route = await routeOf(transaction, key, request)
    if (route.class === 'cold' && !this.#parts.settings(key.org).coldContact) throw new ChannelError('cold_contact_off')
    const messages: NewSend[] = []
    for (const [index, wording] of parts.entries()) {
      const content = await contentOf(transaction, { wording, file }, route)
      messages.push({ ...route, id: partId(id, index + 1), content, replyIndex: null })
    }
    await this.#requireRoom(transaction, key.org, messages.length)
    return messages
  }

  /** @throws ChannelError `too_many_waiting_sends` */
  async #requireRoom(transaction: Connection, org: OrgId, more: number): Promise<void> {
    const { waitingSends } = this.#parts.settings(org).growthLimits
    if ((await countWaiting(transaction, org)) + more > waitingSends) throw new ChannelError('too_many_waiting_sends')
  }
}
