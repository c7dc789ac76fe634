import type { NumberLookup } from '../contacts/number-lookup.ts'
import type { ListedSend, Prospect, SendPage } from '../contract/delivery.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import type { AccountKey, AccountName, OrgId } from '../contract/ids.ts'
import type { NumberedChange } from '../contract/api/sends.ts'
import type { EventLoopShares } from '../base/event-loop-shares.ts'
import { type SendRateLimiter, type SendRecord, soonest } from './rate-limiter.ts'
import type { Store } from '../store/database.ts'
import { listChanges } from '../store/sends/send-changes.ts'
import { listSends } from '../store/sends/send-pages.ts'
import { peerNamesOf } from '../store/people/peer-names.ts'
import { findSend, type StoredSend } from '../store/sends/sends.ts'
import { lastSeq } from '../store/sql/sequences.ts'
import { countBefore } from '../store/sends/send-queue.ts'
import { ChangeFeed, type FeedSource } from '../base/change-feed.ts'

const NOTHING_MORE: Prospect = { position: null, earliestAt: null, held: null, waitsFor: null }

type InLine = StoredSend & Prospect

/** What the feed reads from, and what it shares the event loop with. */
export type DeliveryFeedParts = {
  readonly store: Store
  readonly pace: SendRateLimiter
  readonly contacts: Pick<NumberLookup, 'prospect'>
  readonly shares: Pick<EventLoopShares, 'next'>
  /** Whether an account is connected to WhatsApp. */
  readonly isUp: (key: AccountKey) => boolean
}

/** The states of the orgs' sends: finds, lists and watches them. */
export class DeliveryFeed {
  readonly #store: Store
  readonly #pace: SendRateLimiter
  readonly #contacts: Pick<NumberLookup, 'prospect'>
  readonly #isUp: DeliveryFeedParts['isUp']
  readonly #trail: ChangeFeed<NumberedChange>

  constructor({ store, pace, contacts, shares, isUp }: DeliveryFeedParts) {
    this.#store = store
    this.#isUp = isUp
    this.#pace = pace
    this.#contacts = contacts
    const source: FeedSource<NumberedChange> = {
      last: org => lastSeq(store.connection, org, 'send_sequences'),
      page: (org, after, limit) => listChanges(store.connection, org, { after, limit }),
    }
    this.#trail = new ChangeFeed(source, shares)
  }

  /** Called when a send of this org may have changed its state. */
  wake(org: OrgId): void {
    this.#trail.wake(org)
  }

  async find(org: OrgId, id: string): Promise<ListedSend> {
    const send = await findSend(this.#store.connection, org, id)
    const [found] = send ? await this.#shown([send]) : []
    if (!found) throw new ChannelError('not_found')
    return found
  }

  /** Newest first. If `before` names a send, only older ones. */
  async list(org: OrgId, page: SendPage): Promise<ListedSend[]> {
    const { connection } = this.#store
    const mark = page.before === null ? null : await findSend(connection, org, page.before)
    if (mark === undefined) throw new ChannelError('not_found')
    return this.#shown(await listSends(connection, org, { ...page, before: mark?.seq ?? null }))
  }

  async #shown(sends: readonly StoredSend[]): Promise<ListedSend[]> {
    const names = await peerNamesOf(
      this.#store.connection,
      sends.map(({ org, account, chat, chatKey, acceptedAt: at }) => ({ org, account, chat, chatKey, at })),
    )
    return (await this.#inLine(sends)).map((send, at) => ({ ...send, toName: names[at] ?? null }))
  }

  /**
   * Adds the prospects of sends. The sends must be consecutive among those of their org, newest first: then each line has no gaps,
   * and only its first send needs a count.
   */
  async #inLine(sends: readonly StoredSend[]): Promise<InLine[]> {
    const positions = new Map<string, number>()
    const records = new Map<AccountName, SendRecord>()
    const shown: InLine[] = []
    for (const send of sends.toReversed()) {
      const { account, status, held } = send
      if (status !== 'accepted' || held) {
        shown.push({ ...send, ...NOTHING_MORE, held: status === 'accepted' ? held : null })
        continue
      }
      const line = `${account}/${send.class}`
      const position = positions.get(line) ?? (await countBefore(this.#store.connection, send))
      positions.set(line, position + 1)
      const record = records.get(account) ?? (await this.#pace.record(send))
      records.set(account, record)
      shown.push({ ...send, position, held: null, ...(await this.#expected(send, record)) })
    }
    return shown.toReversed()
  }

  /** The earliest time by pacing and by the lookup of the number. Without a connection no lookup is checked. */
  async #expected(send: StoredSend, record: SendRecord): Promise<Pick<Prospect, 'earliestAt' | 'waitsFor'>> {
    const paced = soonest(send, record)
    if (!this.#isUp(send)) return { earliestAt: paced, waitsFor: 'link' }
    const lookup = await this.#contacts.prospect(send)
    const earliestAt = paced === null || !lookup?.until ? paced : Math.max(paced, lookup.until)
    return { earliestAt, waitsFor: lookup?.why ?? null }
  }

  watch(org: OrgId, after: number | null, signal: AbortSignal): AsyncIterable<NumberedChange> {
    return this.#trail.watch(org, after, signal)
  }

  /** Ends every watcher. */
  end(): void {
    this.#trail.end()
  }
}
