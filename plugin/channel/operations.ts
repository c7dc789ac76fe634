import { wireProblem } from '../views/api-state.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { agentsFor } from '../health/agent-list.ts'
import type { Approvals } from '../approvals/approvals.ts'
import type { Bindings } from '../routing/bindings.ts'
import type { NumberLookup } from '../contacts/number-lookup.ts'
import type { MessageTraces } from '../history/message-trace.ts'
import type { WireChannel } from '../contract/api/channels.ts'
import type { WireNamedNumber } from '../contract/api/contacts.ts'
import type { NamedNumber } from '../contract/contact.ts'
import type { Host } from '../contract/host.ts'
import type { OrgId } from '../contract/ids.ts'
import type { Operations } from '../contract/operations.ts'
import type { DeliveryFeed } from '../outbox/delivery-feed.ts'
import type { Explanations } from '../routing/explain-message.ts'
import type { Groups } from '../accounts/groups.ts'
import type { InboundFiles } from '../media/inbound-files.ts'
import type { MessageFeed } from '../history/message-feed.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { AccountLifecycle } from '../accounts/account-lifecycle.ts'
import type { EventLoopShares } from '../base/event-loop-shares.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { NamedNumbers } from '../routing/named-numbers.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { PairingSessions } from '../accounts/pairing-sessions.ts'
import { policyOperationsOf } from './policy-operations.ts'
import type { Policies } from '../policy/policies.ts'
import type { Problems } from '../health/problems.ts'
import type { Reloads } from './reloads.ts'
import type { SuspectedLoops } from '../safeguards/suspected-loops.ts'
import type { SendRequests } from '../outbox/send-requests.ts'
import type { Kept } from '../retention/retention.ts'
import type { TakeoverRequests } from '../safeguards/takeover-requests.ts'
import type { TransferProgressFeed } from '../media/transfer-progress.ts'
import type { TurnFeed } from '../turns/turn-feed.ts'
import type { TurnRetry } from '../turns/turn-retry.ts'

/** The parts of the channel that are asked for something. */
export type AskedParts = {
  readonly accounts: Accounts
  readonly approvals: Approvals
  readonly bindings: Bindings
  readonly contacts: NumberLookup
  readonly courses: MessageTraces
  readonly deliveries: DeliveryFeed
  readonly explanations: Explanations
  readonly fetching: Pick<InboundFiles, 'want'>
  readonly groups: Groups
  readonly history: MessageFeed
  readonly host: Pick<Host, 'agents' | 'log'>
  readonly inbox: Inbox
  readonly kept: () => Promise<Kept>
  readonly links: AccountLifecycle
  readonly metrics: Metrics
  readonly named: NamedNumbers
  readonly outbox: Outbox
  readonly pairings: PairingSessions
  readonly policies: Policies
  readonly problems: Problems
  readonly reloads: Reloads
  readonly sending: SendRequests
  readonly shares: Pick<EventLoopShares, 'next'>
  readonly takeoverDesk: TakeoverRequests
  readonly suspects: SuspectedLoops
  readonly transfers: TransferProgressFeed
  readonly turnWatch: TurnFeed
  readonly waitingTurns: TurnRetry
}

/** What can be asked of the channel, each answered by the part that knows. */
export function operationsOf(parts: AskedParts): Operations {
  const { links, accounts, pairings, policies, groups, sending, outbox, deliveries, transfers } = parts
  return {
    configure: (key, request) => links.configure(key, request),
    unpair: key => links.unpair(key),
    reload: (org, role) => parts.reloads.of(org, role),
    test: key => links.test(key),
    channels: org => catalogOf(parts, org),
    startPairing: key => links.startPairing(key),
    startCodePairing: (key, phone) => links.startCodePairing(key, phone),
    answerPasskey: (org, session, assertion) => links.answerPasskey(org, session, assertion),
    confirmPasskey: (org, session) => links.confirmPasskey(org, session),
    pairing: (org, session) => pairings.state(org, session),
    watchPairing: (org, session, signal) => pairings.watch(org, session, signal),
    watchConnection: (key, signal) => accounts.watch(key, signal),
    confirmLink: (key, phone) => links.confirm(key, phone),
    send: (key, request, idempotencyKey) => sending.send(key, request, idempotencyKey),
    delivery: (org, id) => deliveries.find(org, id),
    listSends: (org, page) => deliveries.list(org, page),
    cancelSend: (org, id) => outbox.cancel(org, id),
    watchSends: (org, after, signal) => deliveries.watch(org, after, signal),
    watchTransfers: (org, signal) => transfers.watch(org, signal),
    ...turnOperationsOf(parts),
    ...takeoverOperationsOf(parts),
    share: org => parts.shares.next(org, 'calls'),
    ...policyOperationsOf(policies),
    checkContacts: async (key, numbers) => {
      await accounts.require(key)
      return parts.contacts.check(key, numbers, accounts.state(key))
    },
    listGroups: key => groups.list(key),
    group: (key, id) => groups.find(key, id),
    ...bindingOperationsOf(parts),
    metrics: (org, held) => parts.metrics.text(org, held),
    problems: org => parts.problems.of(org),
    watchProblems: (org, signal) => parts.problems.watch(org, signal),
    ...messageOperationsOf(parts),
  }
}

async function catalogOf(parts: AskedParts, org: OrgId): Promise<WireChannel[]> {
  const { accounts, named, kept } = parts
  const named_numbers = (await named.list(org)).map(wireNamed)
  const retention = await kept()
  const problems = parts.problems.of(org).map(wireProblem)
  return (await accounts.catalog(org)).map(channel => ({ ...channel, named_numbers, problems, retention }))
}

const wireNamed = ({ number, namedBy, address }: NamedNumber): WireNamedNumber => ({
  number,
  named_by: [...namedBy],
  exists: address === undefined ? null : address !== null,
  address: address ?? null,
})

type MessageOperations = Pick<
  Operations,
  'listMessages' | 'messageSenders' | 'messageCourse' | 'fetchFile' | 'watchMessages'
>

const messageOperationsOf = ({ history, courses, fetching }: AskedParts): MessageOperations => ({
  listMessages: (org, page) => history.list(org, page),
  messageSenders: (org, ids) => history.senders(org, ids),
  messageCourse: (org, id) => courses.of(org, id),
  fetchFile: async (org, id) => {
    await fetching.want(org, id)
    return history.of(org, id)
  },
  watchMessages: (org, after, signal) => history.watch(org, after, signal),
})

type TurnOperations = Pick<
  Operations,
  'listApprovals' | 'decideApproval' | 'listTurns' | 'watchTurns' | 'retryTurn' | 'cancelTurn' | 'listLoops' | 'endLoop'
>

const turnOperationsOf = ({ approvals, suspects, turnWatch, waitingTurns }: AskedParts): TurnOperations => ({
  listApprovals: (org, page) => approvals.list(org, page),
  decideApproval: (org, id, decision) => approvals.decide(org, id, decision),
  listTurns: (org, page) => waitingTurns.list(org, page),
  watchTurns: (org, signal) => turnWatch.watch(org, signal),
  retryTurn: (org, id, decision) => waitingTurns.retry(org, id, decision),
  cancelTurn: (org, id) => waitingTurns.cancel(org, id),
  listLoops: org => suspects.list(org),
  endLoop: (key, chat) => suspects.goOn(key, chat),
})

type TakeoverOperations = Pick<Operations, 'listTakeovers' | 'beginTakeover' | 'endTakeover'>

const takeoverOperationsOf = ({ takeoverDesk }: AskedParts): TakeoverOperations => ({
  listTakeovers: org => takeoverDesk.list(org),
  beginTakeover: (key, chat, until) => takeoverDesk.begin(key, chat, until),
  endTakeover: (key, chat) => takeoverDesk.end(key, chat),
})

type BindingOperations = Pick<
  Operations,
  | 'listAgents'
  | 'listBindings'
  | 'createBinding'
  | 'binding'
  | 'updateBinding'
  | 'reorderBindings'
  | 'explainBindings'
  | 'traceMessage'
  | 'replayMessage'
  | 'deleteBinding'
>

function bindingOperationsOf({ bindings, explanations, host, inbox }: AskedParts): BindingOperations {
  return {
    listAgents: org => agentsFor(host, org),
    listBindings: org => bindings.list(org),
    createBinding: (org, request) => bindings.create(org, request),
    binding: (org, id) => bindings.find(org, id),
    updateBinding: (org, id, update) => bindings.update(org, id, update),
    reorderBindings: (org, order) => bindings.reorder(org, order),
    explainBindings: (org, request) => explanations.of(org, request),
    traceMessage: (org, id) => explanations.trace(org, id),
    deleteBinding: (org, id) => bindings.delete(org, id),
    replayMessage: async (org, id) => {
      const { outcome, bindingId } = await inbox.replay(org, id)
      return { outcome, binding_id: bindingId }
    },
  }
}
