import { lookup } from 'node:dns/promises'
import { join } from 'node:path'

import { Accounts } from '../accounts/accounts.ts'
import { AgentFailures } from '../health/agent-failures.ts'
import { Backends } from '../health/backends.ts'
import { BacklogWait } from '../accounts/backlog-wait.ts'
import { Bindings } from '../routing/bindings.ts'
import { NumberLookup } from '../contacts/number-lookup.ts'
import { MessageTraces } from '../history/message-trace.ts'
import { DisappearingMessages, type ForgettingListener } from '../retention/disappearing-messages.ts'
import type { Core } from './core.ts'
import { readSettings, type Settings } from '../config/settings.ts'
import { readEnvironment } from '../config/environment.ts'
import type { Audit } from '../contract/audit.ts'
import type { CallLimits, SocketLimits } from '../contract/limits.ts'
import { isUp } from '../contract/connection.ts'
import { errorFields } from '../contract/errors/error-fields.ts'
import type { Host, Log } from '../contract/host.ts'
import { LOCAL_ORG, type AccountKey, type OrgId } from '../contract/ids.ts'
import { operationsOf } from './operations.ts'
import type { Operations } from '../contract/operations.ts'
import { DeliveryFeed } from '../outbox/delivery-feed.ts'
import { OutboundFiles } from '../media/outbound-files.ts'
import { ClientExpiry } from '../accounts/client-expiry.ts'
import { Explanations } from '../routing/explain-message.ts'
import { Groups } from '../accounts/groups.ts'
import { healthNumbersOf } from './health-numbers.ts'
import { HealthWatch } from '../health/health-watch.ts'
import { MessageFeed } from '../history/message-feed.ts'
import { GatewayClient } from '../supervisor/gateway-client.ts'
import { listenerOf } from './gateway-events.ts'
import { ConnectionStates } from '../accounts/connection-states.ts'
import { Metrics } from '../metrics/metrics.ts'
import { AccountLifecycle } from '../accounts/account-lifecycle.ts'
import { EventLoopShares } from '../base/event-loop-shares.ts'
import { NamedNumbers } from '../routing/named-numbers.ts'
import { Outbox } from '../outbox/outbox.ts'
import { SendRateLimiter } from '../outbox/rate-limiter.ts'
import { PairingSessions } from '../accounts/pairing-sessions.ts'
import { PatternSearch } from '../patterns/pattern-search.ts'
import { Policies } from '../policy/policies.ts'
import { Problems } from '../health/problems.ts'
import { problemSourcesOf } from './problem-sources.ts'
import { isPublicAddress } from '../media/public-address.ts'
import { REMOTE_TIMES, RemoteFiles } from '../media/remote-file.ts'
import { SendRenderer } from '../media/render.ts'
import { ResourceStack } from '../base/resource-stack.ts'
import { Reloads } from './reloads.ts'
import { keptFor, Retention } from '../retention/retention.ts'
import { SendRequests } from '../outbox/send-requests.ts'
import { SettingsInForce } from '../config/settings-in-force.ts'
import { Spool } from '../media/spool.ts'
import { openStore } from '../store/database.ts'
import { SuspectedLoops } from '../safeguards/suspected-loops.ts'
import { TransferProgressFeed } from '../media/transfer-progress.ts'
import { AcceptedVersions } from '../accounts/accepted-versions.ts'
import { TurnFeed } from '../turns/turn-feed.ts'
import { createInboundStages, type InboundStages } from './inbound-stages.ts'
import { WorkerPool } from '../workers/worker-pool.ts'

/** The running channel. `stop` ends its work and its gateway; `close`, called after `stop`, closes the store. */
export type Channel = {
  readonly operations: Operations
  /** The host's audit log. Entries that cannot be written to it show up as a problem. */
  readonly audit: Audit
  /** Whether this host can serve anybody. */
  readonly isReady: () => boolean
  /** How many sockets and subscriptions callers may hold, according to the current settings. */
  readonly socketLimits: () => SocketLimits
  /** Puts the settings and policies of all orgs into force and reconnects all accounts. Only the host may call it. */
  readonly reload: () => Promise<void>
  readonly callLimits: () => CallLimits
  readonly stop: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Everything of the channel that lives until the channel ends. */
type Parts = Core &
  InboundStages & {
    readonly history: MessageFeed
    readonly deliveries: DeliveryFeed
    readonly outbox: Outbox
    readonly accounts: Accounts
    readonly pairings: PairingSessions
    readonly sending: SendRequests
    readonly reloads: Reloads
    readonly loops: SuspectedLoops
    readonly bindings: Bindings
    readonly traces: MessageTraces
    readonly explanations: Explanations
    readonly lifecycle: AccountLifecycle
    readonly groups: Groups
    readonly metrics: Metrics
    readonly named: NamedNumbers
    readonly turnFeed: TurnFeed
    readonly forgetting: DisappearingMessages
  }

/** Opens the store and wires the stages. It returns when operations can be called, not when WhatsApp is connected. */
export async function openChannel(given: Host): Promise<Channel> {
  const backends = new Backends(given)
  const { host } = backends
  const environment = readEnvironment(host.environment)
  const settings: Settings = readSettings(await host.settings(), environment)
  const store = await openStore(join(host.dataFolder, 'whatsapp.db'))
  const working = new ResourceStack(host.log)
  const spool = new Spool(join(host.dataFolder, 'spool'))
  try {
    await spool.open()
    const versions = new AcceptedVersions(store, host.log, environment.network?.noiseRootKey ?? null)
    await versions.open()
    const gateway = new GatewayClient({ host, environment, settings, accepted: () => versions.accepted() })
    const workers = new WorkerPool(host.log)
    working.defer('workers', () => workers.close())
    const shares = new EventLoopShares()
    const policies = await Policies.open({ ...host, ...environment, jobs: workers, shares })
    const inForce = new SettingsInForce(settings)
    const limits = (org: OrgId) => inForce.of(org).pacing
    const contacts = new NumberLookup({ store, gateway, log: host.log, limits, random: Math.random })
    const patterns = new PatternSearch(workers)
    const watched = { problems: new Problems(host.log), failures: new AgentFailures(), backends, workers }
    const more = { patterns, catchingUp: new BacklogWait(), shares, ...watched }
    const core = { host, environment, settings: inForce, store, gateway, spool, policies, contacts, ...more }
    const parts = { ...wire({ ...core, transfers: new TransferProgressFeed() }), versions }
    await begin(parts, working)
    return {
      audit: host.audit,
      isReady: () => watched.problems.isReady,
      operations: operationsOf({ ...parts, kept: () => keptFor(store.connection, inForce.host.retentionDays) }),
      socketLimits: () => inForce.host.socketLimits,
      callLimits: () => inForce.host.callLimits,
      reload: () => parts.reloads.all(),
      stop: () => working.close(),
      close: () => close(parts),
    }
  } catch (error) {
    await working.close()
    await store.close()
    throw error
  }
}

/** Creates the stages in the order in which a message and its answer pass them, and hands each stage its neighbours. */
function wire(core: Core): Parts {
  const { host, store, gateway, shares } = core
  const { log, agents, artifacts, audit } = host
  const states = new ConnectionStates(log, key => core.problems.ofAccount(key))
  core.problems.listen(() => states.problemsChanged())
  const accounts = new Accounts(store, states)
  const metrics = new Metrics({
    store,
    stateOf: key => accounts.state(key),
    expiryOf: key => accounts.expiryOf(key),
    backlogOf: key => accounts.backlog(key),
    roomOf: async org => artifacts.room?.(org),
    healthOf: org => healthNumbersOf({ ...core, inbox: into.inbox, folders: foldersOf(core) }, org),
  })
  const forgetting = forgettingOf(core)
  const out = createOutboundStages(core, accounts, () => void forgetting.wake())
  const connected = (org: OrgId) => accounts.connected(org)
  const settings = (org: OrgId) => core.settings.of(org)
  const named = new NamedNumbers({ store, contacts: core.contacts, settings, connected, log })
  const groups = new Groups({ gateway, accounts, store, log })
  const undecided = (org: OrgId) => void named.clear(org)
  const into = createInboundStages(core, { ...out, metrics, forgetting, groups, undecided })
  core.contacts.listen(({ org }) => void into.inbox.spelled(org).catch(error => unread(log, error)))
  forgetting.listen(whatEnds(out, into))
  const pairings = new PairingSessions()
  const bindings = new Bindings({ ...core, agents, log, ask: (org, numbers) => named.ask(org, numbers) })
  const explanations = new Explanations({ ...core, alsoAnswered: org => core.settings.of(org).alsoAnswered })
  const onOpened = forgetting.opened.bind(forgetting)
  const lifecycle = new AccountLifecycle({
    ...core,
    accounts,
    pairings,
    inbox: into.inbox,
    outbox: out.outbox,
    onOpened,
  })
  const reloads = new Reloads({ ...core, lifecycle, audit, gapMs: () => core.settings.host.reloadGapMs })
  const watched = {
    turnFeed: new TurnFeed(store, shares),
    traces: new MessageTraces(store, out.deliveries, settings),
  }
  const answering = { bindings, named, explanations, groups, loops: new SuspectedLoops(store, log) }
  const ofAccounts = { accounts, pairings, lifecycle, reloads }
  return { ...core, ...out, ...into, ...watched, ...answering, ...ofAccounts, metrics, forgetting }
}

const forgettingOf = ({ host, store, gateway, settings }: Core): DisappearingMessages =>
  new DisappearingMessages({
    store,
    gateway,
    artifacts: host.artifacts,
    log: host.log,
    keeps: () => settings.host.keepDisappearing,
  })

/** What is cancelled or silenced when messages have disappeared. */
const whatEnds = ({ outbox, deliveries }: OutboundStages, { turns }: InboundStages): ForgettingListener => ({
  cancelled: ids => turns.cancelled(ids),
  silenced: key => {
    outbox.wake(key)
    deliveries.wake(key.org)
  },
})

const unread = (log: Log, error: unknown): void =>
  log.error({ ...errorFields(error) }, 'what waited for a number not looked at again')

type OutboundStages = Pick<Parts, 'history' | 'deliveries' | 'outbox' | 'sending'>

function createOutboundStages(core: Core, accounts: Accounts, onDisappearing: () => void): OutboundStages {
  const { host, store, gateway, settings, environment, spool, transfers, contacts, catchingUp, shares } = core
  const { log, artifacts } = host
  const history = new MessageFeed(store, shares)
  const pace = new SendRateLimiter(store, org => (environment.pacing ? settings.of(org).pacing : null), Math.random)
  const deliveries = new DeliveryFeed({ store, pace, contacts, shares, isUp: key => isUp(accounts.state(key)) })
  const onAccepted = (org: OrgId): void => history.wake(org)
  const rendering = new SendRenderer({ gateway, artifacts, spool, transfers })
  const render = rendering.of.bind(rendering)
  const isCaughtUp = catchingUp.isCaughtUp.bind(catchingUp)
  const told = { onAccepted, onChanged: deliveries.wake.bind(deliveries), onDisappearing, isCaughtUp }
  const outbox = new Outbox({ store, gateway, log, pace, contacts, render, ...told })
  const resolve = (hostname: string) => lookup(hostname, { all: true })
  const remote = new RemoteFiles({ resolve, isPublic: isPublicAddress, authority: null, times: REMOTE_TIMES })
  const enclosures = new OutboundFiles({ artifacts, spool, remote })
  return {
    history,
    deliveries,
    outbox,
    sending: new SendRequests({ ...core, outbox, enclosures, settings: org => settings.of(org) }),
  }
}

type RunningParts = Parts & { readonly versions: AcceptedVersions }

/** Starts the work, and registers how each part of it ends: the intake first, the gateway after the last turn. */
async function begin(parts: RunningParts, working: ResourceStack): Promise<void> {
  const { host, gateway, accounts, outbox, turns, fetching, inbox, store, versions, forgetting, answers } = parts
  const retention = new Retention({ ...host, store, days: () => parts.settings.host.retentionDays })
  const expiry = new ClientExpiry(accounts, host.log)
  const health = healthWatchOf(parts)
  const states = statesInOrder(host.log)
  working.defer('states', () => states.settled())
  working.defer('versions', () => versions.settled())
  working.defer('named', () => parts.named.settled())
  working.defer('groups', () => parts.groups.settled())
  working.defer('lookups', () => parts.contacts.settled())
  working.defer('transmissions', () => outbox.settled())
  working.defer('files', () => fetching.close())
  working.defer('gateway', () => gateway.end())
  working.defer('fetching', () => fetching.stop())
  working.defer('naming', () => parts.named.stop())
  working.defer('outbox', () => outbox.stop())
  working.defer('turns', () => turns.close())
  working.defer('answers', () => answers.close())
  working.defer('inbox', () => inbox.close())
  working.defer('forgetting', () => forgetting.close())
  working.defer('retention', () => retention.close())
  working.defer('expiry', () => expiry.close())
  working.defer('health', () => {
    parts.backends.close()
    return health.close()
  })

  gateway.listen(listenerOf(parts, expiry, states.inOrder))
  const configured = await accounts.open()
  tellWhoHasNoPeople(parts, configured)
  await inbox.open(configured.filter(({ phone }) => phone !== null))
  await parts.metrics.open()
  await outbox.open()
  await forgetting.open()
  await turns.open()
  void answers.wake()
  fetching.wake()
  void retention.prune()
  void expiry.look()
  void health.look()
  if (configured.length > 0) gateway.startSoon()
}

/**
 * Handles connection states one after the other, in the order in which they arrived. A state is shown only after its data is
 * stored.
 */
function statesInOrder(log: Log) {
  let states: Promise<void> = Promise.resolve()
  return {
    inOrder: (work: () => Promise<void> | void): void => {
      states = states.then(work).catch((error: unknown) => log.error({ ...errorFields(error) }, 'state not kept'))
    },
    settled: () => states,
  }
}

function healthWatchOf(parts: Parts): HealthWatch {
  const sources = problemSourcesOf({ ...parts, folders: foldersOf(parts) })
  return new HealthWatch({ problems: parts.problems, sources, log: parts.host.log })
}

/** The folders that the channel writes to. */
const foldersOf = ({ host, environment }: Core): string[] => [host.dataFolder, environment.stateFolder]

/**
 * Warns about orgs without roles and approvers. Before the setting `orgs` existed, everybody's roles and approvers stood where
 * those of the host's own org are now.
 */
function tellWhoHasNoPeople({ host, settings }: Core, configured: readonly AccountKey[]): void {
  const { roles, approvers } = settings.of(LOCAL_ORG)
  const others = new Set(configured.map(({ org }) => org).filter(org => org !== LOCAL_ORG))
  const orgs = [...others].filter(org => settings.of(org).roles.size + settings.of(org).approvers.size === 0)
  if (orgs.length === 0 || roles.size + approvers.size === 0) return
  host.log.warn(
    { orgs: orgs.join(' ') },
    'these orgs have no roles and approvers: those outside of "orgs" are of org_local alone',
  )
}

async function close({ store, ...parts }: Parts): Promise<void> {
  const { history, deliveries, transfers, turnFeed, accounts, pairings, problems } = parts
  history.end()
  deliveries.end()
  transfers.end()
  turnFeed.end()
  accounts.end()
  pairings.end()
  problems.end()
  await store.close()
}
