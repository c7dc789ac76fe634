import { type InboundLimits, NO_INBOUND_LIMITS, type TriggerKind } from '../../plugin/config/inbound-limits.ts'
import { enqueue } from '../../plugin/outbox/enqueue.ts'
import type { Enqueue } from '../../plugin/store/sends/new-send.ts'
import type { PageResult } from '../../plugin/inbox/page-result.ts'
import { BacklogWait } from '../../plugin/accounts/backlog-wait.ts'
import type { MatchRule } from '../../plugin/contract/binding.ts'
import type { Settings } from '../../plugin/config/settings.ts'
import type { AccountKey } from '../../plugin/contract/ids.ts'
import { Inbox } from '../../plugin/inbox/inbox.ts'
import type { LoopLimits } from '../../plugin/safeguards/loop-detection.ts'
import { SendRateLimiter } from '../../plugin/outbox/rate-limiter.ts'
import { ConversationReset } from '../../plugin/inbox/conversation-reset.ts'
import { RuleCache } from '../../plugin/routing/rule-cache.ts'
import { addBinding } from '../../plugin/store/accounts/bindings.ts'
import type { Store } from '../../plugin/store/database.ts'
import type { JobRunner } from '../../plugin/workers/job.ts'
import { listMessages, textOfStored } from '../../plugin/store/messages/messages.ts'
import { alone } from './alone.ts'
import { takeTurns } from './taken-turns.ts'
import { keptLog } from './host.ts'
import { StandInGateway } from './stand-in-gateway.ts'
import { ORG, given } from './store.ts'
import { defaults } from './turns.ts'
import { inPlace, searchingIn } from './job-runner.ts'

/** An inbox before a store with these bindings. It searches long texts in place until a test gives it another job runner. Its budgets are without limits, nothing is a loop, nothing is gathered and no answer decides about anything, until a test says so. */
export async function inboxOf(store: Store, ...rules: MatchRule[]) {
  for (const rule of rules) await store.transaction(trx => addBinding(trx, ORG, { agent: 'echo', rule }))
  const gateway = new StandInGateway()
  const kept = keptLog()
  const committed: PageResult[] = []
  const locks: AccountKey[] = []
  const also = new Set<TriggerKind>()
  const ruleCache = new RuleCache()
  const pace = new SendRateLimiter(store, () => null, Math.random)
  const settings: { -readonly [Name in keyof Settings]: Settings[Name] } = { ...defaults }
  const inForce: {
    budgets: InboundLimits
    loops: LoopLimits | null
    gatherMs: number
    decides: boolean
    jobs: JobRunner
    enqueue: Enqueue
  } = {
    budgets: NO_INBOUND_LIMITS,
    loops: null,
    gatherMs: 0,
    decides: false,
    jobs: inPlace,
    enqueue: (transaction, message) => enqueue(transaction, message, pace),
  }
  const inbox = new Inbox({
    shares: alone,
    store,
    gateway,
    log: kept.log,
    rulesOf: (transaction, org) => ruleCache.rulesOf(transaction, org),
    alsoAnswered: () => also,
    resets: new ConversationReset({
      enqueue: (transaction, message) => inForce.enqueue(transaction, message),
      settings: () => settings,
    }),
    budgets: () => inForce.budgets,
    takeovers: () => settings,
    mentionAllCounts: () => settings.mentionAllCounts,
    loops: () => inForce.loops,
    gatherMs: () => inForce.gatherMs,
    onCommitted: (_, admitted) => committed.push(admitted),
    approvalAnswered: () => Promise.resolve(inForce.decides ? { said: null } : null),
    onTimeLock: key => locks.push(key),
    onReleased: () => undefined,
    catchingUp: new BacklogWait(),
    searching: searchingIn(store, { run: work => inForce.jobs.run(work) }, kept.log),
  })
  return { inbox, gateway, committed, locks, also, inForce, settings, ...kept }
}

/** The texts of the messages whose turns may begin now. */
export const queuedTexts = async (store: Store): Promise<string[]> => {
  const turns = await store.transaction(trx => takeTurns(trx, 100, Date.now()))
  const messages = await listMessages(store.connection, ORG, { after: 0, limit: 1_000 })
  return turns.map(turn => textOfStored(given(messages.find(({ id }) => id === turn.messageId))))
}
