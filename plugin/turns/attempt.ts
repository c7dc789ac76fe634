import { type AgentError, agentError } from './agent-error.ts'
import type { ApprovalRequest, ApprovalState } from '../contract/approval.ts'
import type { Settings } from '../config/settings.ts'
import type { Wording } from '../contract/api/sends.ts'
import type { Audit } from '../contract/audit.ts'
import type { Agents, Log, Turn, ConversationMessage } from '../contract/host.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import { addressOfPerson, type OrgId } from '../contract/ids.ts'
import type { GateDecision, PolicyQuestion, PolicyVerdict, ToolEffect } from '../contract/policy.ts'
import { conversationBefore, threadOf } from './conversation.ts'
import type { Role } from '../contract/role.ts'
import { type ApprovableGate, createGate, subjectOf } from './tool-gate.ts'
import type { EventLoopShares } from '../base/event-loop-shares.ts'
import { type Quotation, quotationsOf } from '../messages/quoted-message.ts'
import { wordingsOf } from '../formatting/agent-reply.ts'
import { Steps, type StepStop } from './steps.ts'
import type { Store } from '../store/database.ts'
import type { StoredMessage } from '../store/messages/messages.ts'
import type { StoredTurn } from '../store/turns/turns.ts'
import { attestedOf, factsOf, combined, messagesOfTurn, missingOf } from './turn-message.ts'

/** One reply of a turn. The same turn and index always identify the same reply. */
export type Reply = { readonly turn: StoredTurn; readonly index: number; readonly wording: Wording }

/** Notified of the decisions of gates. `unknown`: the call names an effect that does not exist. */
export type GateListener = {
  judged(org: OrgId, decision: GateDecision['decision'], effect: ToolEffect | 'unknown'): void
}

/** What attempts at turns need. */
export type AttemptParts = {
  readonly listener: GateListener
  readonly store: Store
  readonly log: Log
  readonly audit: Audit
  readonly agents: Agents
  readonly settings: (org: OrgId) => Settings
  readonly shares: Pick<EventLoopShares, 'next'>
  /** The role of the message's author. */
  readonly roleOf: (message: StoredMessage) => Promise<Role>
  /** What the org's policies decide. It never throws. */
  readonly judge: (question: PolicyQuestion) => Promise<PolicyVerdict>
  readonly seekApproval: (sought: ApprovalRequest) => Promise<ApprovalState>
  /** Marks these messages of one person as being worked on, until the returned function is called. */
  readonly markInProgress: (messages: readonly StoredMessage[]) => () => void
  /**
   * Sends a reply to the chat of the turn's message. The reply is durable when this returns. `over_cap`: it was not sent, because
   * the turn has reached its limit of replies. `taken_back`: it was not sent, because the turn was cancelled.
   */
  readonly say: (reply: Reply) => Promise<'accepted' | 'over_cap' | 'taken_back'>
}

/** How an attempt ended. */
export type AttemptEnd =
  | { readonly outcome: 'answered' | 'no_reply' }
  /** `error`: what the agent threw, if that is the reason. */
  | { readonly outcome: 'failed'; readonly code: string; readonly error?: AgentError }
  | { readonly outcome: 'dead_letter'; readonly code: string }
  | Extract<StepStop, { outcome: 'needs_operator' | 'awaiting_approval' }>
  /** The turn was cancelled because a person has taken its chat over, or because its message has been forgotten. */
  | { readonly outcome: 'taken_back' }
  /** The channel stopped before the attempt ended. */
  | { readonly outcome: 'stopped' }

/** The reason with which an attempt is aborted. */
export class AttemptOver extends Error {
  readonly end: AttemptEnd

  constructor(end: AttemptEnd) {
    super(end.outcome)
    this.end = end
  }
}

const failed = (code: string) => () => {
  throw new AttemptOver({ outcome: 'failed', code })
}

/** If a reply cannot be sent, the error has a code that an operator can act on. */
const notKept = (error: unknown): never =>
  failed(error instanceof ChannelError && error.code !== 'internal' ? error.code : 'reply_not_kept')()

/** Makes one attempt at a turn. It lasts until the agent has ended or `abort` is aborted with an {@link AttemptOver}. */
export async function attempt(parts: AttemptParts, turn: StoredTurn, abort: AbortController): Promise<AttemptEnd> {
  let unmark = (): void => undefined
  try {
    const pieces = await messagesOfTurn(parts.store.connection, turn).catch(failed('storage'))
    const [message] = pieces
    if (!message) return { outcome: 'dead_letter', code: 'message_missing' }
    if (pieces.some(({ content }) => content.kind === 'forgotten')) return { outcome: 'taken_back' }
    unmark = parts.markInProgress(pieces)
    const { connection } = parts.store
    const [conversation, quotations, missing] = await Promise.all([
      conversationOf(parts, turn, message),
      quotationsOf(connection, pieces).catch(failed('storage')),
      missingOf(connection, pieces).catch(failed('storage')),
    ])
    const quotation = quotations.find(each => each !== null) ?? null
    const role = await parts.roleOf(message).catch(failed('storage'))
    const subject = { stored: turn, message, pieces, missing, conversation, quotation, role, abort }
    const handed = turnOf(parts, subject)
    const replies = await converse(parts, handed, turn).catch((error: unknown) => agentFailed(parts, error, handed))
    return { outcome: replies > 0 ? 'answered' : 'no_reply' }
  } catch (error) {
    return error instanceof AttemptOver ? error.end : { outcome: 'failed', code: 'agent_failed' }
  } finally {
    unmark()
  }
}

/** Anything thrown that does not end the attempt by itself counts as the agent's error. */
async function agentFailed({ shares }: AttemptParts, thrown: unknown, turn: Turn): Promise<never> {
  if (thrown instanceof AttemptOver) throw thrown
  const error = await agentError(thrown, turn, () => shares.next(turn.org, 'messages'))
  turn.signal.throwIfAborted()
  throw new AttemptOver({ outcome: 'failed', code: 'agent_failed', error })
}

/** Sends the agent's replies as they arrive. Returns the number of replies. */
async function converse({ agents, say, shares }: AttemptParts, turn: Turn, stored: StoredTurn): Promise<number> {
  const over = aborted(turn.signal)
  const replies = agents.run(turn)[Symbol.asyncIterator]()
  const between = (): Promise<void> => shares.next(stored.org, 'messages')
  try {
    for (let said = 0; ;) {
      const next = await Promise.race([replies.next(), over])
      // A step that the agent did not await may have ended the attempt.
      turn.signal.throwIfAborted()
      if (next.done) return said
      const wordings = (await wordingsOf(next.value, between)) ?? failed('bad_reply')()
      for (const wording of wordings) {
        const outcome = await say({ turn: stored, index: said, wording }).catch(notKept)
        if (outcome === 'over_cap') throw new AttemptOver({ outcome: 'dead_letter', code: 'reply_cap' })
        if (outcome === 'taken_back') throw new AttemptOver({ outcome })
        said += 1
        if (wording !== wordings.at(-1)) await between()
      }
    }
  } catch (error) {
    // Not awaited: an agent that hangs must not block its chat, nor the end of the channel.
    void Promise.resolve(replies.return?.()).catch(() => undefined)
    throw error
  }
}

function conversationOf(
  { store, settings }: AttemptParts,
  { conversation }: StoredTurn,
  message: StoredMessage,
): Promise<ConversationMessage[]> {
  const most = settings(message.org).contextMessages
  return conversationBefore(store.connection, message, { scope: conversation, most }).catch(failed('storage'))
}

type Subject = {
  readonly stored: StoredTurn
  readonly message: StoredMessage
  readonly pieces: readonly StoredMessage[]
  readonly missing: number
  readonly conversation: readonly ConversationMessage[]
  readonly quotation: Quotation | null
  readonly role: Role
  readonly abort: AbortController
}

const EFFECTS: ReadonlySet<unknown> = new Set<ToolEffect>(['read', 'write', 'destructive'])

/** The effect that a call names. Agents may write anything there, so the result is one of a few words. */
const effectOf = (effect: ToolEffect = 'write'): ToolEffect | 'unknown' => (EFFECTS.has(effect) ? effect : 'unknown')

/** The same gate, but the listener is told of each decision. */
function reported(gate: ApprovableGate, listener: GateListener, org: OrgId): ApprovableGate {
  return async (call, approvalGranted) => {
    const decision = await gate(call, approvalGranted)
    listener.judged(org, decision.decision, effectOf(call.effect))
    return decision
  }
}

function turnOf(
  { log, audit, store, judge, seekApproval, listener }: AttemptParts,
  { stored, message, pieces, missing, conversation, quotation, role, abort }: Subject,
): Turn {
  const { signal } = abort
  const subject = subjectOf(stored.org, message.sender, role)
  const facts = attestedOf(pieces, quotation)
  const judged = createGate({ turn: stored, subject, facts, judge, audit, log, isOpen: () => !signal.aborted })
  const gate = reported(judged, listener, stored.org)
  const steps = new Steps({
    store,
    turn: stored,
    gate,
    seekApproval: step => seekApproval({ ...step, turn: stored, user: subject.user }),
    signal,
    stop: why => abort.abort(new AttemptOver(why)),
  })
  return {
    id: stored.id,
    requestId: stored.requestId,
    org: stored.org,
    agent: stored.agent,
    message: {
      channel: 'whatsapp',
      from: addressOfPerson(message.sender),
      to: addressOfPerson(message.receiver ?? message.sender),
      ...combined(pieces),
      id: message.id,
      missing,
      thread: threadOf(message, stored.conversation),
    },
    conversation,
    facts: factsOf(pieces, quotation),
    gate: call => gate(call, false),
    attempt: stored.attempt,
    step: (call, execute) => steps.take(call, execute),
    signal,
  }
}

/** Rejects with the reason once the signal is aborted. */
function aborted(signal: AbortSignal): Promise<never> {
  const over = new Promise<never>((_, reject) => {
    const stop = (): void => reject(signal.reason as AttemptOver)
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
  })
  over.catch(() => undefined)
  return over
}
