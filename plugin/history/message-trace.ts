import { wireTurn } from '../views/api-state.ts'
import type { WireCourse, WireCourseReply, WireCourseStep } from '../contract/api/message-trace.ts'
import type { DeliveryStatus, ListedSend } from '../contract/delivery.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import { approversOf, calledIn } from './tool-calls.ts'
import type { Settings } from '../config/settings.ts'
import type { AccountKey, OrgId } from '../contract/ids.ts'
import { isToolName, type ToolEffect } from '../contract/policy.ts'
import { rejectionDetail } from '../contract/rejection.ts'
import type { Store } from '../store/database.ts'
import { findMessage } from '../store/messages/messages.ts'
import { listReplies, type StoredReply } from '../store/sends/replies.ts'
import { stepsOf, type StoredStep } from '../store/turns/steps.ts'
import { approvalsOfTurn } from '../store/turns/turn-approvals.ts'
import { findTurnOf } from '../store/turns/turn-queries.ts'

const EFFECTS: ReadonlySet<unknown> = new Set<ToolEffect>(['read', 'write', 'destructive'])

/** Finds the prospects of a waiting send. @throws ChannelError `not_found` */
type DeliveryLookup = { find(org: OrgId, id: string): Promise<Pick<ListedSend, 'earliestAt' | 'waitsFor'>> }

/** Traces what became of inbound messages: everything each of them caused, from the store. */
export class MessageTraces {
  readonly #store: Store
  readonly #deliveries: DeliveryLookup
  readonly #settings: (org: OrgId) => Pick<Settings, 'approvers'>

  constructor(store: Store, deliveries: DeliveryLookup, settings: (org: OrgId) => Pick<Settings, 'approvers'>) {
    this.#store = store
    this.#deliveries = deliveries
    this.#settings = settings
  }

  /** @throws ChannelError `not_found`, also for messages that we sent */
  async of(org: OrgId, id: string): Promise<WireCourse> {
    const { connection } = this.#store
    const message = await findMessage(connection, org, id)
    if (message?.direction !== 'inbound') throw new ChannelError('not_found')
    const head = message.gatheredIn ?? id
    const turn = await findTurnOf(connection, org, head)
    const replies = await Promise.all((await listReplies(connection, head)).map(reply => this.#reply(org, reply)))
    const sent = replies.flatMap(({ sent_at: at }) => at ?? [])
    return {
      message_id: id,
      turn: turn ? wireTurn(turn) : null,
      steps: turn ? await this.#steps({ org, account: message.account }, turn.id) : [],
      replies,
      hops: {
        received_at: instant(message.receivedAt),
        turn_queued_at: turn ? instant(turn.queuedAt) : null,
        turn_ended_at: turn && turn.endedAt !== null ? instant(turn.endedAt) : null,
        first_reply_sent_at: sent.toSorted()[0] ?? null,
      },
    }
  }

  async #steps(key: AccountKey, turnId: string): Promise<WireCourseStep[]> {
    const { connection } = this.#store
    const steps = [...(await stepsOf(connection, turnId)).values()]
    const asked = steps.length === 0 ? [] : await approvalsOfTurn(connection, turnId)
    const isDecided = asked.some(({ decidedBy }) => decidedBy !== null)
    const approvers = await approversOf(connection, key, isDecided ? this.#settings(key.org).approvers : [])
    return steps.map(step => ({ ...wireStep(step), called: calledIn(step, asked, approvers) }))
  }

  async #reply(org: OrgId, reply: StoredReply): Promise<WireCourseReply> {
    const waits = reply.status === 'accepted' ? await this.#deliveries.find(org, reply.sendId) : null
    const earliest = waits?.earliestAt ? instant(waits.earliestAt) : null
    return { ...wireReply(reply), earliest_at: earliest, waits_for: waits?.waitsFor ?? null }
  }
}

const instant = (atMs: number): string => new Date(atMs).toISOString()

/** Agents may call anything by any name. A name that is not valid for a tool may contain a stranger's words, so it is hidden. */
const wireStep = ({ n, tool, effect, status, decision, reason }: StoredStep): Omit<WireCourseStep, 'called'> => ({
  number: n,
  tool: isToolName(tool) ? tool : '?',
  effect: EFFECTS.has(effect) ? effect : 'unknown',
  status,
  decision,
  reason,
})

function wireReply({
  messageId,
  sendId,
  status,
  rejectedCode,
  rejectedReason,
  acceptedAt,
  cameTo,
}: StoredReply): Omit<WireCourseReply, 'earliest_at' | 'waits_for'> {
  const first = (...statuses: DeliveryStatus[]): string | null => {
    const at = statuses.flatMap(each => cameTo.get(each) ?? [])
    return at.length === 0 ? null : instant(Math.min(...at))
  }
  return {
    message_id: messageId,
    send_id: sendId,
    status,
    rejected_code: rejectedCode,
    rejected_reason: rejectedReason,
    rejected_detail: rejectionDetail(rejectedReason),
    accepted_at: instant(acceptedAt),
    sent_at: first('sent', 'delivered', 'read'),
    delivered_at: first('delivered', 'read'),
    read_at: first('read'),
  }
}
