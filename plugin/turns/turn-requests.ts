import { ChannelError } from '../contract/errors/errors.ts'
import type { Log } from '../contract/host.ts'
import type { OrgId } from '../contract/ids.ts'
import type { ListedTurn, StepDecision, TurnPage } from '../contract/turn.ts'
import type { Store } from '../store/database.ts'
import { cancelOpenTurn, findTurn, isOpen, listTurns, resumeTurn } from '../store/turns/turn-queries.ts'

/** What listing, retrying and cancelling turns needs. */
export type TurnRequestParts = {
  readonly store: Store
  readonly log: Log
  /** Called when a turn was queued. */
  readonly onQueued: () => void
  /** Called when a turn was cancelled, so that its running attempt must end. */
  readonly onCancelled: (id: string) => void
}

/** Lists turns for people, and lets people retry or cancel them. */
export class TurnRequests {
  readonly #parts: TurnRequestParts

  constructor(parts: TurnRequestParts) {
    this.#parts = parts
  }

  async list(org: OrgId, page: TurnPage): Promise<ListedTurn[]> {
    const { connection } = this.#parts.store
    if (page.before !== null && !(await findTurn(connection, org, page.before))) throw new ChannelError('not_found')
    return listTurns(connection, org, page)
  }

  /** Lets a parked turn or a dead letter continue after its recorded steps. */
  async retry(org: OrgId, id: string, decision: StepDecision): Promise<ListedTurn> {
    const { store, log, onQueued } = this.#parts
    const turn = await store.transaction(async transaction => {
      const found = await findTurn(transaction, org, id)
      if (!found) throw new ChannelError('not_found')
      if (found.status !== 'needs_operator' && found.status !== 'dead_letter')
        throw new ChannelError('turn_not_waiting')
      await resumeTurn(transaction, found, decision)
      return (await findTurn(transaction, org, id)) ?? found
    })
    log.info({ org, turn: id, decision }, 'turn retried')
    onQueued()
    return turn
  }

  /** Cancels an open turn: its agent is told to stop, and the next turn of its chat may run. Replies that were sent stay sent. */
  async cancel(org: OrgId, id: string): Promise<ListedTurn> {
    const { store, log, onCancelled } = this.#parts
    const turn = await store.transaction(async transaction => {
      const found = await findTurn(transaction, org, id)
      if (!found) throw new ChannelError('not_found')
      if (!isOpen(found)) throw new ChannelError('turn_over')
      await cancelOpenTurn(transaction, found)
      return (await findTurn(transaction, org, id)) ?? found
    })
    log.info({ org, turn: id }, 'turn cancelled')
    onCancelled(id)
    return turn
  }
}
