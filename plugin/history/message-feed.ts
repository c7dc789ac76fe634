import { ChangeFeed } from '../base/change-feed.ts'
import { wordOf } from '../contract/claimed.ts'
import type { WireSender } from '../contract/api/senders.ts'
import type { ListedMessages, MessagePage, NumberedMessage, WireMessage } from '../contract/api/messages.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import { addressOfChat, addressOfPerson, type GroupId, type OrgId } from '../contract/ids.ts'
import type { EventLoopShares } from '../base/event-loop-shares.ts'
import { wireFilesOf } from '../messages/message-files.ts'
import { type Quotation, quotationsOf, wireQuoted } from '../messages/quoted-message.ts'
import type { Store } from '../store/database.ts'
import { type Placed, subjectsOf } from '../store/messages/group-subjects.ts'
import { albumIn, findMessage, type StoredMessage, textOfStored } from '../store/messages/messages.ts'
import { readStretch } from '../store/messages/message-pages.ts'
import { listSenders } from '../store/messages/senders.ts'
import { lastSeq } from '../store/sql/sequences.ts'
import { detailsOf } from '../messages/details.ts'

const groupOf = ({ chat }: Pick<StoredMessage, 'chat'>): GroupId | null => (chat.kind === 'group' ? chat.group : null)
const placed = (message: StoredMessage): Placed => ({
  org: message.org,
  account: message.account,
  group: groupOf(message),
  at: message.sentAt,
})

/** A stored message in its form for the API. Messages that we or the linked number wrote are addressed to the chat. */
function wireMessage(message: StoredMessage, quotation: Quotation | null, subject: string | null): WireMessage {
  const { id, account, direction, outcome, receiver, fromMe } = message
  const chat = addressOfChat(message.chat)
  return {
    id,
    account,
    direction,
    chat,
    outcome,
    from: addressOfPerson(message.sender),
    sender_name: message.senderName || null,
    to: receiver && !fromMe ? addressOfPerson(receiver) : chat,
    text: textOfStored(message) || null,
    kind: message.content.kind,
    details: detailsOf(message),
    quoted: wireQuoted(quotation),
    mentioned: message.mentioned,
    mentions_all: message.mentionsAll,
    claimed: {
      forwarded: message.forwarded !== null,
      forwarding_score: message.forwarded ? wordOf(message.forwarded).score : 0,
    },
    media: wireFilesOf(message.attachment, message.content),
    group: groupOf(message),
    group_subject: subject,
    binding_id: message.bindingId,
    album: message.content.kind === 'album' ? message.stanzaId : albumIn(message.content),
    gathered_in: message.gatheredIn,
    received_at: new Date(message.receivedAt).toISOString(),
  }
}

/**
 * The orgs' messages, to be read and watched. Watchers are only told that there are more messages, and read these from the store.
 * So a slow watcher costs no memory, and one that was away continues where it stopped.
 */
export class MessageFeed {
  readonly #store: Store
  readonly #feed: ChangeFeed<NumberedMessage>

  constructor(store: Store, shares: Pick<EventLoopShares, 'next'>) {
    this.#store = store
    this.#feed = new ChangeFeed(
      { last: org => lastSeq(store.connection, org), page: (org, after, limit) => this.#after(org, after, limit) },
      shares,
    )
  }

  /** Called when there may be more messages of this org. */
  wake(org: OrgId): void {
    this.#feed.wake(org)
  }

  /** Newest first. If `before` names a message, only older ones. Fewer are returned if they are long. */
  async list(org: OrgId, page: MessagePage): Promise<ListedMessages> {
    const { connection } = this.#store
    const { before } = page
    if (before !== null && !(await findMessage(connection, org, before))) throw new ChannelError('not_found')
    const { messages, more } = await readStretch(connection, org, page)
    return { messages: await this.#onWire(messages), more }
  }

  /** The senders and groups of these messages, for those that exist. */
  async senders(org: OrgId, ids: readonly string[]): Promise<WireSender[]> {
    const { connection } = this.#store
    const senders = await listSenders(connection, org, ids)
    const subjects = await subjectsOf(
      connection,
      senders.map(({ account, at, ...message }) => ({ org, account, group: groupOf(message), at })),
    )
    return senders.map(({ id, sender, name, ...message }, at) => ({
      id,
      address: addressOfPerson(sender),
      name: name || null,
      group: groupOf(message),
      group_subject: subjects[at] ?? null,
    }))
  }

  /** One message. @throws ChannelError `not_found` */
  async find(org: OrgId, id: string): Promise<WireMessage> {
    const message = await findMessage(this.#store.connection, org, id)
    const [wired] = message ? await this.#onWire([message]) : []
    if (!wired) throw new ChannelError('not_found')
    return wired
  }

  /** Every message after a sequence number, each once, in order; with null those from now on. */
  watch(org: OrgId, after: number | null, signal: AbortSignal): AsyncIterable<NumberedMessage> {
    return this.#feed.watch(org, after, signal)
  }

  /** Ends every watcher. */
  end(): void {
    this.#feed.end()
  }

  async #after(org: OrgId, after: number, limit: number): Promise<NumberedMessage[]> {
    const { messages } = await readStretch(this.#store.connection, org, { after, limit })
    const wired = await this.#onWire(messages)
    return wired.map((message, at) => ({ seq: messages[at]?.seq ?? after, message }))
  }

  async #onWire(messages: readonly StoredMessage[]): Promise<WireMessage[]> {
    const { connection } = this.#store
    const quotations = await quotationsOf(connection, messages)
    const subjects = await subjectsOf(connection, messages.map(placed))
    return messages.map((message, at) => wireMessage(message, quotations[at] ?? null, subjects[at] ?? null))
  }
}
