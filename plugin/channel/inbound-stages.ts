import type { Judging } from '../inbox/ingest.ts'
import type { Admitted } from '../inbox/page-result.ts'
import { Approvals } from '../approvals/approvals.ts'
import type { AccountKey, OrgId } from '../contract/ids.ts'
import type { Deliveries } from '../outbox/delivery-feed.ts'
import { Fetching } from '../media/inbound-files.ts'
import type { Forgetting } from '../retention/disappearing-messages.ts'
import type { Ground } from './core.ts'
import type { Groups } from '../accounts/groups.ts'
import type { History } from '../history/message-feed.ts'
import { Inbox } from '../inbox/inbox.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Outbox } from '../outbox/outbox.ts'
import { Presence } from '../turns/presence.ts'
import { Resets } from '../inbox/conversation-reset.ts'
import { Resolver } from '../routing/resolver.ts'
import { Roles } from '../contacts/roles.ts'
import { Searching } from '../patterns/search-ahead.ts'
import type { Sending } from '../outbox/send-requests.ts'
import { TakeoverDesk } from '../safeguards/takeover-requests.ts'
import { Turns } from '../turns/turn-runner.ts'
import { WaitingTurns } from '../turns/turn-retry.ts'

/** What comes in passes these, in this order. */
export type WayIn = {
  readonly inbox: Inbox
  readonly fetching: Fetching
  readonly turns: Turns
  readonly waitingTurns: WaitingTurns
  readonly approvals: Approvals
  readonly takeoverDesk: TakeoverDesk
}

/** What the way in hands on to, and whom it tells. */
export type Onward = {
  readonly history: History
  readonly deliveries: Deliveries
  readonly outbox: Outbox
  readonly sending: Sending
  readonly metrics: Metrics
  readonly forgetting: Forgetting
  readonly groups: Pick<Groups, 'met'>
  /** Whether a rule names somebody who has written could not be decided. */
  readonly undecided: (org: OrgId) => void
}

/** Wires the stages from the journal to what an agent says. */
export function wayIn(ground: Ground, onward: Onward): WayIn {
  const { host, store, line, settings, transfers, patterns, shares } = ground
  const { log, artifacts, audit } = host
  const current = (org: OrgId) => settings.of(org)
  const onDecided = (): void => turns.wake()
  const approvals = new Approvals({
    store,
    enqueue: (transaction, message) => onward.outbox.enqueue(transaction, message),
    enqueueAll: prepare => onward.outbox.acceptAll(prepare),
    log,
    audit,
    settings: current,
    onDecided,
  })
  const turns: Turns = turnsOf(ground, onward, approvals)
  const onSettled = (): void => turns.wake()
  const fetching = new Fetching({ store, gateway: line, artifacts, transfers, log, random: Math.random, onSettled })
  const inbox = new Inbox({
    shares,
    ...judgingOf(ground, onward.outbox),
    approvalAnswered: (...given) => approvals.answered(...given),
    store,
    gateway: line,
    log,
    searching: new Searching({ store, patterns, log }),
    onCommitted: (key, admitted) => {
      onCommitted(onward, key, admitted)
      if (admitted.queued + admitted.decided + admitted.shortened > 0) turns.wake()
      if (admitted.disappears) void onward.forgetting.wake()
      if (admitted.files > 0) fetching.wake()
      if (admitted.takenBack.running.length > 0) turns.cancelled(admitted.takenBack.running)
      if (admitted.takenBack.replies > 0) onward.outbox.allowanceChanged(key)
      if (admitted.unmatched.some(({ reason }) => reason === 'identity_unknown')) onward.undecided(key.org)
    },
    onTimeLock: key => onward.outbox.allowanceChanged(key),
    catchingUp: ground.catchingUp,
    onReleased: key => {
      turns.wake()
      onward.outbox.allowanceChanged(key)
    },
  })
  const waitingTurns = waitingTurnsOf(ground, turns)
  const takeoverDesk = deskOf(ground, onward, turns)
  return { inbox, fetching, turns, waitingTurns, approvals, takeoverDesk }
}

function turnsOf(
  { host, store, line, settings, policies, contacts, shares, failures }: Ground,
  onward: Onward,
  approvals: Approvals,
): Turns {
  const presence = new Presence({ gateway: line, readReceipts: org => settings.of(org).readReceipts })
  const roles = new Roles({ store, contacts, settings: org => settings.of(org) })
  return new Turns({
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
    attend: messages => presence.attend(messages),
    say: reply => onward.sending.reply(reply),
    random: Math.random,
  })
}

const waitingTurnsOf = ({ host, store }: Ground, turns: Turns): WaitingTurns =>
  new WaitingTurns({
    store,
    log: host.log,
    onQueued: () => turns.wake(),
    onCancelled: id => turns.cancelled([id]),
  })

function deskOf({ host, store }: Ground, { outbox, deliveries }: Onward, turns: Turns): TakeoverDesk {
  return new TakeoverDesk({
    store,
    log: host.log,
    onTakenBack: (key, { running, replies }) => {
      turns.cancelled(running)
      if (replies === 0) return
      outbox.allowanceChanged(key)
      deliveries.moved(key.org)
    },
  })
}

/** Those who watch learn of what is committed, and what is said without an agent goes out. */
function onCommitted(onward: Onward, key: AccountKey, admitted: Admitted): void {
  const { metrics, deliveries, history, outbox, groups } = onward
  metrics.admitted(key, admitted)
  deliveries.moved(key.org)
  if (admitted.seq !== null) history.moved(key.org)
  for (const send of admitted.said) outbox.accepted(send)
  groups.met(key, [...new Set(admitted.arrived.flatMap(({ group }) => group ?? []))])
}

function judgingOf({ settings, contacts, environment }: Ground, outbox: Outbox): Omit<Judging, 'approvalAnswered'> {
  const resolver = new Resolver(org => contacts.answersOf(org))
  return {
    rulesOf: (transaction, org) => resolver.rulesOf(transaction, org),
    alsoAnswered: org => settings.of(org).alsoAnswered,
    mentionAllCounts: org => settings.of(org).mentionAllCounts,
    gatherMs: org => settings.of(org).gatherMs,
    budgets: org => settings.of(org).budgets,
    takeovers: org => settings.of(org),
    loops: org => (environment.loopGuard ? settings.of(org).pacing : null),
    resets: new Resets({
      enqueue: (transaction, message) => outbox.enqueue(transaction, message),
      settings: org => settings.of(org),
    }),
  }
}
