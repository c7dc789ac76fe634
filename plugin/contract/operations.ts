import type { AgentOperations } from './api/agents.ts'
import type { ApprovalOperations } from './api/approvals.ts'
import type { BindingOperations, ExplanationOperations, InboxOperations } from './api/bindings.ts'
import type { AccountOperations, ChannelOperations, ConnectionOperations, ReloadOperations } from './api/channels.ts'
import type { ContactOperations } from './api/contacts.ts'
import type { GroupOperations } from './api/groups.ts'
import type { LoopOperations } from './api/loops.ts'
import type { FileOperations, TransferOperations } from './api/media.ts'
import type { MessageOperations } from './api/messages.ts'
import type { TraceOperations } from './api/message-trace.ts'
import type { LinkingOperations, PairingOperations } from './api/pairing.ts'
import type { PolicyOperations } from './api/policies.ts'
import type { ProblemOperations } from './api/problems.ts'
import type { DeliveryOperations, OutboxOperations, SendOperations } from './api/sends.ts'
import type { TakeoverOperations } from './api/takeovers.ts'
import type { TurnFeedOperations, TurnOperations } from './api/turns.ts'
import type { Held } from './limits.ts'
import type { OrgId } from './ids.ts'

/**
 * What can be asked of the channel: tRPC calls it, and REST and the page by that. Each part
 * answers for itself; what it can be asked stands beside the schemas of its calls. The org is the caller's own, from the token; an
 * account that is not configured is `channel_not_configured`. Every refusal is a `ChannelError`; an id of another org is unknown here.
 * Streams end when `signal` is aborted and never throw because of it.
 */
export type Operations = {
  readonly accounts: AccountOperations
  readonly agents: AgentOperations
  readonly approvals: ApprovalOperations
  readonly bindings: BindingOperations
  readonly channels: ChannelOperations
  readonly connections: ConnectionOperations
  readonly contacts: ContactOperations
  readonly deliveries: DeliveryOperations
  readonly explanations: ExplanationOperations
  readonly files: FileOperations
  readonly groups: GroupOperations
  readonly inbox: InboxOperations
  readonly linking: LinkingOperations
  readonly loops: LoopOperations
  readonly messages: MessageOperations
  readonly metrics: MetricsOperations
  readonly outbox: OutboxOperations
  readonly pairings: PairingOperations
  readonly policies: PolicyOperations
  readonly problems: ProblemOperations
  readonly reloads: ReloadOperations
  readonly sends: SendOperations
  readonly shares: ShareOperations
  readonly takeovers: TakeoverOperations
  readonly traces: TraceOperations
  readonly transfers: TransferOperations
  readonly turnFeed: TurnFeedOperations
  readonly turns: TurnOperations
}

/** The org's numbers. */
export type MetricsOperations = {
  /** As Prometheus' text: no phone number, address or text is in it. */
  text(org: OrgId, held: Held): Promise<string>
}

/** Time of the process. */
export type ShareOperations = {
  /** Resolves when the host has time for a call of this org: after its other calls, and beside what other orgs have done. */
  next(org: OrgId, what: 'calls'): Promise<void>
}
