import type { AgentFailures } from '../health/agent-failures.ts'
import type { Backends } from '../health/backends.ts'
import type { BacklogWait } from '../accounts/backlog-wait.ts'
import type { Environment } from '../config/environment.ts'
import type { NumberLookup } from '../contacts/number-lookup.ts'
import type { Host } from '../contract/host.ts'
import type { EventLoopShares } from '../base/event-loop-shares.ts'
import type { GatewayClient } from '../supervisor/gateway-client.ts'
import type { PatternSearch } from '../patterns/pattern-search.ts'
import type { Policies } from '../policy/policies.ts'
import type { Problems } from '../health/problems.ts'
import type { SettingsInForce } from '../config/settings-in-force.ts'
import type { Spool } from '../media/spool.ts'
import type { Store } from '../store/database.ts'
import type { TransferProgressFeed } from '../media/transfer-progress.ts'
import type { WorkerPool } from '../workers/worker-pool.ts'

/** What the stages of the channel are built on. */
export type Core = {
  readonly host: Host
  readonly environment: Environment
  readonly settings: SettingsInForce
  readonly store: Store
  readonly gateway: GatewayClient
  readonly spool: Spool
  readonly transfers: TransferProgressFeed
  readonly policies: Policies
  readonly patterns: PatternSearch
  readonly contacts: NumberLookup
  readonly catchingUp: BacklogWait
  readonly shares: EventLoopShares
  readonly workers: WorkerPool
  readonly problems: Problems
  readonly failures: AgentFailures
  readonly backends: Backends
}
