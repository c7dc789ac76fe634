import type { WireApproval } from '../contract/api/approvals.ts'
import type { WireProblem } from '../contract/api/problems.ts'
import type { SendAnswer, SendChange, SendListItem, SendStatus } from '../contract/api/sends.ts'
import type { WirePasskey } from '../contract/api/passkey.ts'
import type { AccountPairing, WirePairing } from '../contract/api/pairing.ts'
import type { WireConnection, WireLastWords, WireVersion } from '../contract/api/channels.ts'
import type { WireTurn } from '../contract/api/turns.ts'
import type { Approval, AskedFor } from '../contract/approval.ts'
import { isUp, type ConnectionState, type PairingState } from '../contract/connection.ts'
import type { AcceptedSend, Delivery, DeliveryChange, ListedSend, ShownSend } from '../contract/delivery.ts'
import { type AccountName, addressOfChat, DEFAULT_ACCOUNT } from '../contract/ids.ts'
import { type Problem, problemWords } from '../contract/problem.ts'
import { rejectionDetail, type Rejection } from '../contract/rejection.ts'
import type { ListedTurn } from '../contract/turn.ts'
import type { ClientVersion } from '../contract/web-version.ts'
import { passkeyScript } from './passkey-script.ts'
import { qrPicture } from './qr-picture.ts'

const instant = (atMs: number): string => new Date(atMs).toISOString()

/** Whole seconds until `expiresAt`, rounded up: a code that is valid for 59.9 s counts as 60, as the documented body has it. */
export const secondsUntil = (expiresAt: number): number => Math.max(0, Math.ceil((expiresAt - Date.now()) / 1000))

/** The account for an answer that the documentation shows without one: empty for the default account. */
export const accountBesides = (account: AccountName): { account?: AccountName } =>
  account === DEFAULT_ACCOUNT ? {} : { account }

/** A turn in its form for the API. */
export function wireTurn({ id, account, agent, status, code, failure, attempt, ...turn }: ListedTurn): WireTurn {
  return {
    id,
    account,
    agent,
    status,
    code,
    failure,
    attempt,
    began_at: turn.beganAt === null ? null : instant(turn.beganAt),
    deadline_at: turn.deadlineAt === null ? null : instant(turn.deadlineAt),
    message_id: turn.messageId,
    step: turn.step && { number: turn.step.n, tool: turn.step.tool },
    pieces: turn.pieces,
    waits_for: turn.waitsFor,
    queued_at: instant(turn.queuedAt),
    next_at: turn.nextAt === null ? null : instant(turn.nextAt),
    ended_at: turn.endedAt === null ? null : instant(turn.endedAt),
  }
}

/** The most characters of the requester's message shown beside an approval. */
const ASKED_MOST = 2_000

const shortened = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text)

/** An approval in its form for the API. */
export function wireApproval({
  id,
  account,
  status,
  step,
  tool,
  effect,
  reason,
  note,
  ...approval
}: Approval): WireApproval {
  return {
    id,
    account,
    status,
    turn_id: approval.turnId,
    step,
    message_id: approval.messageId,
    tool,
    effect,
    arguments: approval.arguments,
    reason,
    user_id: approval.user,
    asked: approval.asked && wireAsked(approval.asked),
    note,
    requested_at: instant(approval.requestedAt),
    expires_at: instant(approval.expiresAt),
    decided_at: approval.decidedAt === null ? null : instant(approval.decidedAt),
    decided_by: approval.decidedBy,
  }
}

const wireAsked = ({ address, name, group, groupSubject, text }: AskedFor): NonNullable<WireApproval['asked']> => ({
  address,
  name,
  group,
  group_subject: groupSubject,
  text: text && shortened(text, ASKED_MOST),
})

/** What WhatsApp said when it ended a connection; null if nothing. */
const wireSaid = (state: ConnectionState | PairingState): WireLastWords | null =>
  ('said' in state && state.said) || null

/** A connection state in its form for the API. */
export function wireConnection(state: ConnectionState): WireConnection {
  return {
    status: state.status,
    phone: isUp(state) ? state.phone : null,
    since: isUp(state) ? instant(state.since) : null,
    reason: 'reason' in state ? state.reason : null,
    permanent: state.status === 'stopped',
    retry_at: 'retryAt' in state ? instant(state.retryAt) : null,
    detail: 'detail' in state ? state.detail : null,
    whatsapp_said: wireSaid(state),
  }
}

/** A problem in its form for the API, with the texts for people. */
export function wireProblem(problem: Problem): WireProblem {
  const { code, account, agent, count, cause, since } = problem
  return { code, account, agent, count, cause, since: instant(since), ...problemWords(problem) }
}

/** The version announced to WhatsApp, in its form for the API. */
export function wireVersion({ version, from, knownAt, refused, problem }: ClientVersion): WireVersion {
  return { version, from, known_at: knownAt === null ? null : instant(knownAt), refused, source_problem: problem }
}

/** A pairing that waits for its phone. */
type PendingPairing = Extract<PairingState, { status: 'pending' }>

/** Formats eight letters as people read them: two groups of four. */
const wirePairingCode = (code: string): string => `${code.slice(0, 4)}-${code.slice(4)}`

/** The code that a pairing shows. */
export type WireCode = { qr_data_url: string } | { pairing_code: string } | { passkey: WirePasskey }

/** The code of a pairing in its form for the API. Every kind is secret. */
export async function wireCode(state: PendingPairing): Promise<WireCode> {
  if ('qr' in state) return { qr_data_url: await qrPicture(state.qr) }
  if ('pairingCode' in state) return { pairing_code: wirePairingCode(state.pairingCode) }
  const { passkey, expiresAt } = state
  const options = passkey.step === 'wanted' ? passkey.options : null
  const code = passkey.step === 'compare' ? wirePairingCode(passkey.code) : null
  const script = options && passkeyScript(options)
  return { passkey: { step: passkey.step, options, script, code, expires_at: instant(expiresAt) } }
}

/** The state of a pairing in its form for the API, with the code for callers who may see it. */
export async function wirePairing({ account, state }: AccountPairing, withCode: boolean): Promise<WirePairing> {
  const of = accountBesides(account)
  if (state.status === 'connected') return { status: 'connected', ...of, phone: state.phone }
  if (state.status === 'conflict') return { status: 'conflict', ...of }
  if (state.status === 'expired') {
    const said = wireSaid(state)
    const reason = state.reason !== 'pairing_ended' && { reason: state.reason }
    return { status: 'expired', ...of, ...reason, ...(said && { whatsapp_said: said }) }
  }
  const expires_in = secondsUntil(state.expiresAt)
  return { status: 'pending', ...of, ...(withCode && (await wireCode(state))), expires_in }
}

/** The answer to an accepted send. */
export function acceptedAs({ id, account, messageId, more }: AcceptedSend): SendAnswer {
  const further = more.map(part => ({ id: part.id, message_id: part.messageId }))
  const of = accountBesides(account)
  return { id, status: 'accepted', ...of, message_id: messageId, ...(further.length > 0 && { more: further }) }
}

/** A delivery in its form for the API. */
export function wireDelivery(delivery: ShownSend): SendStatus {
  return {
    id: delivery.id,
    account: delivery.account,
    status: delivery.status,
    message_id: delivery.messageId,
    to: addressOfChat(delivery.chat),
    to_name: delivery.toName,
    code: delivery.rejectedCode,
    reason: delivery.rejectedReason,
    detail: rejectionDetail(delivery.rejectedReason),
    accepted_at: instant(delivery.acceptedAt),
    position: delivery.position,
    earliest_at: delivery.earliestAt === null ? null : instant(delivery.earliestAt),
    remark: delivery.remark,
    waits_for: delivery.waitsFor,
    held: delivery.held,
  }
}

/** A listed send in its form for the API. */
export const wireListedSend = (send: ListedSend): SendListItem => ({
  ...wireDelivery(send),
  kind: send.content.kind,
  class: send.class,
})

/** A change of a send in its form for the API. */
export function wireChange({ id, account, status, messageId, chat, at, ...step }: DeliveryChange): SendChange {
  const rejection = rejectionOf(step)
  return { id, account, status, message_id: messageId, to: addressOfChat(chat), ...rejection, at: instant(at) }
}

const rejectionOf = ({
  rejectedCode,
  rejectedReason,
}: Pick<Delivery, 'rejectedCode' | 'rejectedReason'>): Rejection => ({
  code: rejectedCode,
  reason: rejectedReason,
})
