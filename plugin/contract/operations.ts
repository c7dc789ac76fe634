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
 * The operations of the channel. tRPC calls them; REST and the page call them through tRPC. Each part implements its own; their
 * types stand beside the schemas of the calls. The org is the caller's own, from the token; an account that is not configured is
 * refused as `channel_not_configured`. Every refusal is a `ChannelError`; an id of another org counts as unknown. Streams end
 * when `signal` is aborted and never throw because of it.
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

/** The org's metrics. */
export type MetricsOperations = {
  /** In Prometheus text format; contains no phone number, address or text. */
  text(org: OrgId, held: Held): Promise<string>
}

/** Time on the event loop of the process. */
export type ShareOperations = {
  /** Resolves when the host has time for a call of this org: after the org's other calls, and alternating with other orgs' work. */
  next(org: OrgId, what: 'calls'): Promise<void>
}
