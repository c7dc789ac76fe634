import type { IngestParts } from '../inbox/ingest.ts'
import type { PageResult } from '../inbox/page-result.ts'
import { AnswerDecisions } from '../approvals/answer-decisions.ts'
import { Approvals } from '../approvals/approvals.ts'
import type { AccountKey, OrgId } from '../contract/ids.ts'
import type { DeliveryFeed } from '../outbox/delivery-feed.ts'
import { InboundFiles } from '../media/inbound-files.ts'
import type { DisappearingMessages } from '../retention/disappearing-messages.ts'
import type { Core } from './core.ts'
import type { Groups } from '../accounts/groups.ts'
import type { MessageFeed } from '../history/message-feed.ts'
import { Inbox } from '../inbox/inbox.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Outbox } from '../outbox/outbox.ts'
import { Presence } from '../turns/presence.ts'
import { ConversationReset } from '../inbox/conversation-reset.ts'
import { RuleCache } from '../routing/rule-cache.ts'
import { Roles } from '../contacts/roles.ts'
import { SearchAhead } from '../patterns/search-ahead.ts'
import type { SendRequests } from '../outbox/send-requests.ts'
import { TakeoverRequests } from '../safeguards/takeover-requests.ts'
import { TurnRunner } from '../turns/turn-runner.ts'
import { TurnRequests } from '../turns/turn-requests.ts'

/** The stages that an inbound message passes, in this order. */
export type InboundStages = {
  readonly inbox: Inbox
  readonly fetching: InboundFiles
  readonly turns: TurnRunner
  readonly turnRequests: TurnRequests
  readonly approvals: Approvals
  readonly answers: AnswerDecisions
  readonly takeovers: TakeoverRequests
}

/** The parts that inbound stages hand work to or notify. */
export type InboundOutputs = {
  readonly history: MessageFeed
  readonly deliveries: DeliveryFeed
  readonly outbox: Outbox
  readonly sending: SendRequests
  readonly metrics: Metrics
  readonly forgetting: DisappearingMessages
  readonly groups: Pick<Groups, 'met'>
  /** Called when it could not be decided whether a rule names a person who has written. */
  readonly undecided: (org: OrgId) => void
}

/** Creates the stages from the journal up to an agent's replies. */
export function createInboundStages(core: Core, onward: InboundOutputs): InboundStages {
  const { host, store, gateway, transfers, patterns, shares } = core
  const { log, artifacts, audit } = host
  const onDecided = (): void => turns.wake()
  const answers = new AnswerDecisions({ store, audit, log, onDecided })
  const approvals = approvalsOf(core, onward.outbox, onDecided)
  const turns: TurnRunner = turnsOf(core, onward, approvals)
  const onSettled = (): void => turns.wake()
  const fetching = new InboundFiles({ store, gateway, artifacts, transfers, log, random: Math.random, onSettled })
  const inbox = new Inbox({
    shares,
    ...judgingOf(core, onward.outbox),
    approvalAnswered: (...given) => approvals.answered(...given),
    store,
    gateway,
    log,
    searching: new SearchAhead({ store, patterns, log }),
    onCommitted: (key, admitted) => {
      onCommitted(onward, key, admitted)
      if (admitted.queued + admitted.shortened > 0) turns.wake()
      if (admitted.answered > 0) void answers.wake()
      if (admitted.disappears) void onward.forgetting.wake()
      if (admitted.files > 0) fetching.wake()
      if (admitted.takenBack.running.length > 0) turns.cancelled(admitted.takenBack.running)
      if (admitted.takenBack.replies > 0) onward.outbox.wake(key)
      if (admitted.unmatched.some(({ reason }) => reason === 'identity_unknown')) onward.undecided(key.org)
    },
    onTimeLock: key => onward.outbox.wake(key),
    catchingUp: core.catchingUp,
    onReleased: key => {
      turns.wake()
      onward.outbox.wake(key)
    },
  })
  const turnRequests = turnRequestsOf(core, turns)
  const takeovers = takeoversOf(core, onward, turns)
  return { inbox, fetching, turns, turnRequests, approvals, answers, takeovers }
}

const approvalsOf = ({ host, store, settings }: Core, outbox: Outbox, onDecided: () => void): Approvals =>
  new Approvals({
    store,
    outbox,
    log: host.log,
    audit: host.audit,
    settings: org => settings.of(org),
    onDecided,
  })

function turnsOf(
  { host, store, gateway, settings, policies, contacts, shares, failures }: Core,
  onward: InboundOutputs,
  approvals: Approvals,
): TurnRunner {
  const presence = new Presence({ gateway, readReceipts: org => settings.of(org).readReceipts })
  const roles = new Roles({ store, contacts, settings: org => settings.of(org) })
  return new TurnRunner({
    roleOf: message => roles.of(message, message.sender),
    listener: onward.metrics,
    failures,
    store,
    log: host.log,
    shares,
    audit: host.audit,
    agents: host.agents,
    settings: org => settings.of(org),
    judge: question => policies.judge(question),
    seekApproval: sought => approvals.seek(sought),
    markInProgress: messages => presence.markInProgress(messages),
    say: reply => onward.sending.reply(reply),
    random: Math.random,
  })
}

const turnRequestsOf = ({ host, store }: Core, turns: TurnRunner): TurnRequests =>
  new TurnRequests({
    store,
    log: host.log,
    onQueued: () => turns.wake(),
    onCancelled: id => turns.cancelled([id]),
  })

function takeoversOf(
  { host, store }: Core,
  { outbox, deliveries }: InboundOutputs,
  turns: TurnRunner,
): TakeoverRequests {
  return new TakeoverRequests({
    store,
    log: host.log,
    onTakenBack: (key, { running, replies }) => {
      turns.cancelled(running)
      if (replies === 0) return
      outbox.wake(key)
      deliveries.wake(key.org)
    },
  })
}

/** Tells the feeds and metrics what was committed, and sends what is said without asking an agent. */
function onCommitted(onward: InboundOutputs, key: AccountKey, admitted: PageResult): void {
  const { metrics, deliveries, history, outbox, groups } = onward
  metrics.admitted(key, admitted)
  deliveries.wake(key.org)
  if (admitted.seq !== null) history.wake(key.org)
  outbox.accepted(...admitted.said)
  groups.met(key, [...new Set(admitted.arrived.flatMap(({ group }) => group ?? []))])
}

function judgingOf({ settings, contacts, environment }: Core, outbox: Outbox): Omit<IngestParts, 'approvalAnswered'> {
  const ruleCache = new RuleCache(org => contacts.answersOf(org))
  return {
    rulesOf: (transaction, org) => ruleCache.rulesOf(transaction, org),
    alsoAnswered: org => settings.of(org).alsoAnswered,
    mentionAllCounts: org => settings.of(org).mentionAllCounts,
    gatherMs: org => settings.of(org).gatherMs,
    budgets: org => settings.of(org).budgets,
    takeovers: org => settings.of(org),
    loops: org => (environment.loopGuard ? settings.of(org).pacing : null),
    resets: new ConversationReset({
      enqueue: (transaction, message) => outbox.enqueue(transaction, message),
      settings: org => settings.of(org),
    }),
  }
}
