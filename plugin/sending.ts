import { createHash } from 'node:crypto'

import type { SendRequest, Wording } from './contract/api-send.ts'
import type { Saying } from './acceptance.ts'
import type { Settings } from './config.ts'
import type { Delivery, SendClass } from './contract/delivery.ts'
import { ChannelError } from './contract/errors.ts'
import type { AccountKey, OrgId } from './contract/ids.ts'
import { DEFAULT_ACCOUNT, parseAddress, parseGroupId, personAt } from './contract/ids.ts'
import type { Outbox } from './outbox.ts'
import type { Limits } from './pacing-limits.ts'
import { contentOf } from './saying-content.ts'
import { findAccount } from './store/accounts.ts'
import { hasWritten } from './store/allowances.ts'
import type { Connection, Store } from './store/database.ts'
import { findKey, keepKey } from './store/idempotency-keys.ts'
import { findMessage } from './store/messages.ts'
import { knownPerson } from './store/people.ts'
import { countReplies, countRepliesAround } from './store/replies.ts'
import { rowId } from './store/row-id.ts'
import type { ChatKey } from './store/schema.ts'
import { findSend } from './store/sends.ts'
import type { StoredTurn } from './store/turns.ts'

const MINUTE_MS = 60_000

/** The same request has the same hash, however its JSON was written: its keys are in the order of the schema. */
function hashOf({ to, text, reaction, ...more }: SendRequest): string {
  const first = [to, text ?? null, reaction ? [reaction.message_id, reaction.emoji] : null]
  const canonical = JSON.stringify(Object.keys(more).length === 0 ? first : [...first, more])
  return createHash('sha256').update(canonical).digest('hex')
}

/** The id of a turn's reply: the same when the turn is run again. */
function replyId(turn: StoredTurn, index: number): string {
  return `snd_${turn.id.slice('trn_'.length)}_${index}`
}

async function classOf(transaction: Connection, chat: AccountKey & { chatKey: ChatKey }): Promise<SendClass> {
  if (parseGroupId(chat.chatKey)) return 'group'
  return (await hasWritten(transaction, chat)) ? 'proactive' : 'cold'
}

async function sayingOf(transaction: Connection, org: OrgId, request: SendRequest): Promise<Saying> {
  const key = { org, account: DEFAULT_ACCOUNT }
  const account = await findAccount(transaction, key)
  if (!account) throw new ChannelError('channel_not_configured')
  if (!account.phone) throw new ChannelError('not_paired')
  const to = parseAddress(request.to)
  if (!to) throw new ChannelError('bad_request')
  const chatKey = to.kind === 'group' ? to.group : (await knownPerson(transaction, key, personAt(to))).id
  const content = await contentOf(transaction, request, { ...key, chatKey })
  const from = await knownPerson(transaction, key, { phone: account.phone, lid: null })
  const kind = await classOf(transaction, { ...key, chatKey })
  return { ...key, id: rowId('snd'), from: from.id, chatKey, content, class: kind, replyIndex: null }
}

/** What a turn says. The same turn and index always name the same reply. */
type TurnReply = { readonly turn: StoredTurn; readonly index: number; readonly wording: Wording }

/** The settings that sending goes by; the number of replies a chat is given in a minute holds also while nothing is paced. */
export type SendingSettings = Pick<Settings, 'coldContact'> & {
  readonly pacing: Pick<Limits, 'replies_per_chat_minute'>
}

/** What is said on somebody's behalf: an API caller's sends and the agents' replies, on their way into the outbox. */
export class Sending {
  readonly #store: Store
  readonly #outbox: Outbox
  readonly #settings: () => SendingSettings

  constructor(store: Store, outbox: Outbox, settings: () => SendingSettings) {
    this.#store = store
    this.#outbox = outbox
    this.#settings = settings
  }

  send(org: OrgId, request: SendRequest, idempotencyKey: string | null): Promise<Delivery> {
    return this.#outbox.accept(org, async transaction => {
      if (idempotencyKey === null) return this.#saying(transaction, org, request)
      const bodyHash = hashOf(request)
      const used = await findKey(transaction, org, idempotencyKey)
      if (used && used.bodyHash !== bodyHash) throw new ChannelError('idempotency_key_reused')
      const earlier = used && (await findSend(transaction, org, used.sendId))
      if (earlier) return earlier
      const saying = await this.#saying(transaction, org, request)
      await keepKey(transaction, org, { key: idempotencyKey, bodyHash, sendId: saying.id })
      return saying
    })
  }

  /**
   * Says a turn's reply in the chat that its message came from, as the number it was written to, unless that chat has had
   * its replies of this minute: what answers itself comes to rest.
   */
  async reply({ turn, index, wording }: TurnReply): Promise<'accepted' | 'over_cap'> {
    const id = replyId(turn, index)
    if (await this.#isOverCap(turn, id)) return 'over_cap'
    await this.#outbox.accept(turn.org, async transaction => {
      const message = await findMessage(transaction, turn.org, turn.messageId)
      if (!message?.receiverId) throw new ChannelError('internal')
      const { org, account, chatKey, receiverId } = message
      const kind = message.chat.kind === 'group' ? 'group' : 'reply'
      const content = await contentOf(transaction, wording, { org, account, chatKey })
      return { org, account, chatKey, from: receiverId, id, content, class: kind, replyIndex: index }
    })
    return 'accepted'
  }

  /**
   * Both the replies of this minute and those to what was written in the minute before this message are too many: what
   * waited while we were away comes at once and is no loop. One that was accepted before is not one more.
   */
  async #isOverCap(turn: StoredTurn, id: string): Promise<boolean> {
    const { connection, clock } = this.#store
    const cap = this.#settings().pacing.replies_per_chat_minute
    await clock.settle()
    if ((await countReplies(connection, turn, Date.now() - MINUTE_MS)) < cap) return false
    if ((await countRepliesAround(connection, turn.messageId, MINUTE_MS)) < cap) return false
    return !(await findSend(connection, turn.org, id))
  }

  async #saying(transaction: Connection, org: OrgId, request: SendRequest): Promise<Saying> {
    const saying = await sayingOf(transaction, org, request)
    if (saying.class === 'cold' && !this.#settings().coldContact) throw new ChannelError('cold_contact_off')
    return saying
  }
}
