import type { NewSend, SendQueue } from '../store/sends/new-send.ts'
import type { AnswerInChat, AnswerTaken, ApprovalAnswer } from '../messages/approval-answer.ts'
import { decisionEntry } from './decision-entry.ts'
import { isApprover, promptsOf, sayingOf } from './prompts.ts'
import { isDecidedOnPhone, NOT_DECIDED_HERE, refusalReason, TOLD } from './texts.ts'
import type { Settings } from '../config/settings.ts'
import type { Approval, ApprovalDecision, ApprovalPage, ApprovalRequest, ApprovalState } from '../contract/approval.ts'
import type { Audit } from '../contract/audit.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import type { Log } from '../contract/host.ts'
import type { OrgId } from '../contract/ids.ts'
import { userOf } from '../policy/user-id.ts'
import {
  addApproval,
  addPrompt,
  type ApprovedCall,
  decideApproval,
  findApproval,
  lastApprovalOf,
  listApprovals,
  promptedBy,
  type StoredApproval,
} from '../store/turns/approvals.ts'
import { keepAnswer } from '../store/turns/approval-answers.ts'
import { resumeAwaiting } from '../store/turns/approval-waits.ts'
import type { Connection } from '../store/sql/connection.ts'
import type { Store } from '../store/database.ts'
import { findMessage, type StoredMessage } from '../store/messages/messages.ts'
import { rowId } from '../store/sql/row-id.ts'
import { findSend, type StoredSend } from '../store/sends/sends.ts'

/** What approvals need. */
export type ApprovalParts = {
  readonly store: Store
  readonly outbox: SendQueue
  readonly settings: (org: OrgId) => Pick<Settings, 'approvers' | 'approvalTimeoutMs'>
  readonly log: Log
  readonly audit: Audit
  /** Called when a turn may go on. */
  readonly onDecided: () => void
}

type Notice = keyof typeof TOLD

/** How soon a turn checks again whether the answer it waits for has been decided, in ms. */
const ANSWERED_WAIT_MS = 5_000

const callOf = ({ turn, step, call, argumentsHash }: ApprovalRequest): ApprovedCall => ({
  turnId: turn.id,
  step,
  tool: call.tool,
  argumentsHash,
})

/** The approvals of tool calls. Each is requested once, decided once and used once, and survives restarts. */
export class Approvals {
  readonly #parts: ApprovalParts

  constructor(parts: ApprovalParts) {
    this.#parts = parts
  }

  /** The state of a call's approval. If nobody was asked for it, or if it was used, approvers are asked now. */
  async seek(sought: ApprovalRequest): Promise<ApprovalState> {
    const last = await lastApprovalOf(this.#parts.store.connection, callOf(sought))
    if (!last || last.usedAt !== null) return this.#ask(sought)
    // An approval that was answered in time does not lapse while the audit log is failing.
    const until = last.expiresAt > Date.now() ? last.expiresAt : Date.now() + ANSWERED_WAIT_MS
    if (last.status === 'pending') return { status: 'pending', id: last.id, until }
    await this.#tell(sought, last.status === 'expired' && last.decidedAt !== null ? 'lapsed' : last.status)
    if (last.status === 'approved') return { status: 'approved', id: last.id }
    return { status: 'refused', reason: refusalReason(last), note: last.note }
  }

  async list(org: OrgId, page: ApprovalPage): Promise<StoredApproval[]> {
    const { connection } = this.#parts.store
    if (page.before !== null && !(await findApproval(connection, org, page.before))) throw new ChannelError('not_found')
    return listApprovals(connection, org, page)
  }

  /** Decides an approval on behalf of a person who may. @throws ChannelError `not_found`, `approval_decided` */
  async decide(org: OrgId, id: string, decision: ApprovalDecision): Promise<Approval> {
    const { store, log, onDecided } = this.#parts
    const approval = await store.transaction(async transaction => {
      const found = await findApproval(transaction, org, id)
      if (!found) throw new ChannelError('not_found')
      if (!(await this.#decided(transaction, found, decision))) throw new ChannelError('approval_decided')
      return (await findApproval(transaction, org, id)) ?? found
    })
    log.info({ org, approval: id, status: approval.status, by: decision.by }, 'approval decided')
    onDecided()
    return approval
  }

  /**
   * Handles an answer to one of our messages, given in the chat of that message. The answer counts if the message asked its sender
   * as an approver who still is one and is not the requester. It is stored for a later decision (AnswerDecisions) if the message
   * showed everything to be judged. Returns null if it does not count. Must run in the transaction that stores the answer.
   */
  async answered(
    transaction: Connection,
    { target, approved }: ApprovalAnswer,
    answer: AnswerInChat,
  ): Promise<AnswerTaken | null> {
    const { key, chatKey, sender } = answer
    if (!(await isApprover(transaction, answer, this.#parts.settings(key.org).approvers))) return null
    const prompted = await promptedBy(transaction, key, { chatKey, stanzaId: target })
    if (!prompted || prompted.requesterId === sender.id) return null
    const asked = await findApproval(transaction, key.org, prompted.approvalId)
    if (!asked || asked.status !== 'pending') return { said: null }
    if (!isDecidedOnPhone(asked)) return { said: await this.#sayElsewhere(transaction, answer, prompted.sendId) }
    await keepAnswer(transaction, asked.id, { approved, by: userOf(key.org, sender) })
    return { said: null }
  }

  /** Tells the approver, only once, that this approval is not decided on the phone. */
  async #sayElsewhere(
    transaction: Connection,
    { key, chatKey, self }: AnswerInChat,
    promptId: string,
  ): Promise<StoredSend | null> {
    const id = `${promptId}_elsewhere`
    if (await findSend(transaction, key.org, id)) return null
    const said = { id, from: self, chatKey, class: 'reply', replyIndex: 0 } as const
    const message = { ...key, ...said, content: { kind: 'text', text: NOT_DECIDED_HERE } } as const
    return this.#parts.outbox.enqueue(transaction, message)
  }

  /**
   * Decides a pending approval, writes it to the audit log, and lets its turn go on, all or nothing. Returns whether it was
   * pending.
   */
  async #decided(transaction: Connection, asked: StoredApproval, decision: ApprovalDecision): Promise<boolean> {
    if (!(await decideApproval(transaction, asked.id, decision))) return false
    await resumeAwaiting(transaction, asked.turnId)
    await this.#parts.audit.append(asked.org, decisionEntry(asked, decision))
    return true
  }

  async #ask(sought: ApprovalRequest): Promise<ApprovalState> {
    const { store, outbox, settings, log } = this.#parts
    const { turn, call, reason, user } = sought
    const { approvalTimeoutMs, approvers } = settings(turn.org)
    const requestedAt = Date.now()
    const id = rowId('apr')
    const effect = call.effect ?? 'write'
    const expiresAt = requestedAt + approvalTimeoutMs
    const asked = { id, effect, arguments: call.arguments, reason, user, requestedAt, expiresAt }
    const sends = await store.transaction(async transaction => {
      const message = await messageOf(transaction, turn)
      const approval = { ...callOf(sought), ...asked, org: turn.org }
      await addApproval(transaction, approval)
      const prompts = await promptsOf(transaction, { message, approval, approvers })
      for (const prompt of prompts) await addPrompt(transaction, prompt.id, id)
      const enqueued: StoredSend[] = []
      for (const each of [...prompts, noticeOf(sought, message, 'pending')])
        enqueued.push(await outbox.enqueue(transaction, each))
      return enqueued
    })
    outbox.accepted(...sends)
    log.info({ org: turn.org, turn: turn.id, approval: id, tool: call.tool }, 'approval asked for')
    return { status: 'pending', id, until: expiresAt }
  }

  /** Tells the requester the result, once. */
  async #tell(sought: ApprovalRequest, notice: Notice): Promise<void> {
    const { store, outbox } = this.#parts
    const send = await store.transaction(async transaction => {
      const message = await messageOf(transaction, sought.turn)
      return outbox.enqueue(transaction, noticeOf(sought, message, notice))
    })
    outbox.accepted(send)
  }
}

async function messageOf(transaction: Connection, { org, messageId }: ApprovalRequest['turn']): Promise<StoredMessage> {
  const message = await findMessage(transaction, org, messageId)
  // Nobody is asked about a forgotten message.
  if (!message || message.content.kind === 'forgotten') throw new ChannelError('internal')
  return message
}

function noticeOf({ turn, step }: ApprovalRequest, message: StoredMessage, notice: Notice): NewSend {
  const id = `snd_${turn.id.slice('trn_'.length)}_approval_${step}_${notice}`
  const kind = message.chat.kind === 'group' ? 'group' : 'reply'
  return sayingOf(message, { id, chatKey: message.chatKey, text: TOLD[notice], class: kind })
}
