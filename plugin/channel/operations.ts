import type { AccountLifecycle } from '../accounts/account-lifecycle.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { Groups } from '../accounts/groups.ts'
import type { PairingSessions } from '../accounts/pairing-sessions.ts'
import type { Approvals } from '../approvals/approvals.ts'
import type { EventLoopShares } from '../base/event-loop-shares.ts'
import type { NumberLookup } from '../contacts/number-lookup.ts'
import type { ChannelOperations } from '../contract/api/channels.ts'
import type { ContactOperations, WireNamedNumber } from '../contract/api/contacts.ts'
import type { NamedNumber } from '../contract/contact.ts'
import type { Host } from '../contract/host.ts'
import type { Operations } from '../contract/operations.ts'
import { agentsFor } from '../health/agent-list.ts'
import type { Problems } from '../health/problems.ts'
import type { MessageFeed } from '../history/message-feed.ts'
import type { MessageTraces } from '../history/message-trace.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { InboundFiles } from '../media/inbound-files.ts'
import type { TransferProgressFeed } from '../media/transfer-progress.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { DeliveryFeed } from '../outbox/delivery-feed.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { SendRequests } from '../outbox/send-requests.ts'
import type { Policies } from '../policy/policies.ts'
import type { Kept } from '../retention/retention.ts'
import type { Bindings } from '../routing/bindings.ts'
import type { Explanations } from '../routing/explain-message.ts'
import type { NamedNumbers } from '../routing/named-numbers.ts'
import type { SuspectedLoops } from '../safeguards/suspected-loops.ts'
import type { TakeoverRequests } from '../safeguards/takeover-requests.ts'
import type { TurnFeed } from '../turns/turn-feed.ts'
import type { TurnRequests } from '../turns/turn-requests.ts'
import { wireProblem } from '../views/api-state.ts'
import type { Reloads } from './reloads.ts'

/** The parts of the channel that serve operations. */
export type AskedParts = {
  readonly accounts: Accounts
  readonly approvals: Approvals
  readonly bindings: Bindings
  readonly contacts: NumberLookup
  readonly deliveries: DeliveryFeed
  readonly explanations: Explanations
  readonly fetching: InboundFiles
  readonly groups: Groups
  readonly history: MessageFeed
  readonly host: Pick<Host, 'agents' | 'log'>
  readonly inbox: Inbox
  readonly kept: () => Promise<Kept>
  readonly lifecycle: AccountLifecycle
  readonly loops: SuspectedLoops
  readonly metrics: Metrics
  readonly named: NamedNumbers
  readonly outbox: Outbox
  readonly pairings: PairingSessions
  readonly policies: Policies
  readonly problems: Problems
  readonly reloads: Reloads
  readonly sending: SendRequests
  readonly shares: EventLoopShares
  readonly takeovers: TakeoverRequests
  readonly traces: MessageTraces
  readonly transfers: TransferProgressFeed
  readonly turnFeed: TurnFeed
  readonly turnRequests: TurnRequests
}

/** The operations of the channel. Each part serves its own, except where one operation needs several parts. */
export const operationsOf = (parts: AskedParts): Operations => ({
  accounts: parts.lifecycle,
  agents: { list: org => agentsFor(parts.host, org) },
  approvals: parts.approvals,
  bindings: parts.bindings,
  channels: catalogOf(parts),
  connections: parts.accounts,
  contacts: contactsOf(parts),
  deliveries: parts.deliveries,
  explanations: parts.explanations,
  files: parts.fetching,
  groups: parts.groups,
  inbox: parts.inbox,
  linking: parts.lifecycle,
  loops: parts.loops,
  messages: parts.history,
  metrics: parts.metrics,
  outbox: parts.outbox,
  pairings: parts.pairings,
  policies: parts.policies,
  problems: parts.problems,
  reloads: parts.reloads,
  sends: parts.sending,
  shares: parts.shares,
  takeovers: parts.takeovers,
  traces: parts.traces,
  transfers: parts.transfers,
  turnFeed: parts.turnFeed,
  turns: parts.turnRequests,
})

const catalogOf = ({ accounts, named, kept, problems }: AskedParts): ChannelOperations => ({
  async list(org) {
    const named_numbers = (await named.list(org)).map(wireNamed)
    const retention = await kept()
    const wrong = problems.of(org).map(wireProblem)
    return (await accounts.catalog(org)).map(channel => ({ ...channel, named_numbers, problems: wrong, retention }))
  },
})

const contactsOf = ({ accounts, contacts }: AskedParts): ContactOperations => ({
  async check(key, numbers) {
    await accounts.require(key)
    return contacts.check(key, numbers, accounts.state(key))
  },
})

const wireNamed = ({ number, namedBy, address }: NamedNumber): WireNamedNumber => ({
  number,
  named_by: [...namedBy],
  exists: address === undefined ? null : address !== null,
  address: address ?? null,
})
