import type { Delivery, Prospect } from './contract/delivery.ts'
import { ChannelError } from './contract/errors.ts'
import type { OrgId } from './contract/ids.ts'
import type { NumberedChange } from './contract/operations.ts'
import type { Pace } from './pace.ts'
import type { Store } from './store/database.ts'
import { listChanges } from './store/send-changes.ts'
import { findSend } from './store/sends.ts'
import { lastSeq } from './store/sequences.ts'
import { countBefore } from './store/waiting-sends.ts'
import { Trail } from './trail.ts'

const NOTHING_MORE: Prospect = { position: null, earliestAt: null, held: null }

/** How far the orgs' sends have come, to be asked and watched. */
export class Deliveries {
  readonly #store: Store
  readonly #pace: Pace
  readonly #trail: Trail<NumberedChange>

  constructor(store: Store, pace: Pace) {
    this.#store = store
    this.#pace = pace
    this.#trail = new Trail({
      last: org => lastSeq(store.connection, org, 'send_sequences'),
      page: (org, after, limit) => listChanges(store.connection, org, { after, limit }),
    })
  }

  /** A send of this org may have taken a step. */
  moved(org: OrgId): void {
    this.#trail.moved(org)
  }

  async find(org: OrgId, id: string): Promise<Delivery & Prospect> {
    const { connection } = this.#store
    const send = await findSend(connection, org, id)
    if (!send) throw new ChannelError('not_found')
    if (send.status !== 'accepted') return { ...send, ...NOTHING_MORE }
    if (send.held) return { ...send, ...NOTHING_MORE, held: send.held }
    const position = await countBefore(connection, send)
    return { ...send, position, earliestAt: await this.#pace.earliestAt(send), held: null }
  }

  watch(org: OrgId, after: number | null, signal: AbortSignal): AsyncIterable<NumberedChange> {
    return this.#trail.watch(org, after, signal)
  }

  /** Ends every watcher. */
  end(): void {
    this.#trail.end()
  }
}
