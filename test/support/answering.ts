import { AgentFailures } from '../../plugin/health/agent-failures.ts'
import { DeliveryFeed } from '../../plugin/outbox/delivery-feed.ts'
import type { LoopLimits } from '../../plugin/safeguards/loop-detection.ts'
import { Outbox } from '../../plugin/outbox/outbox.ts'
import { SendRateLimiter } from '../../plugin/outbox/rate-limiter.ts'
import type { Limits } from '../../plugin/config/send-limits.ts'
import { SendRequests } from '../../plugin/outbox/send-requests.ts'
import type { Store } from '../../plugin/store/database.ts'
import { TurnRunner } from '../../plugin/turns/turn-runner.ts'
import { alone } from './alone.ts'
import { everybodyKnown } from './contacts.ts'
import { noFiles, rendersWith } from './files.ts'
import { agentsThat, echo } from './host.ts'
import { inboxOf } from './inbox.ts'
import { keptAudit, unapproved, unjudged } from './policies.ts'
import type { StandInGateway } from './stand-in-gateway.ts'
import { ACCOUNT, linkedStore, ORG, OUR_NUMBER } from './store.ts'
import { deaf, defaults, type Run } from './turns.ts'

/** A linked account whose messages an agent answers. */
export async function boundStore() {
  const opened = await linkedStore()
  await inboxOf(opened.store, {})
  return opened
}

export type Answering = {
  readonly run?: Run
  readonly loops?: LoopLimits
  readonly gateway?: StandInGateway
}

/** All stages on one store; the outbox paces by `limits`, or not at all. */
export async function answering(store: Store, limits: Limits | null, { run = echo, loops }: Answering = {}) {
  const { inbox, gateway, log, line, inForce, lines } = await inboxOf(store)
  inForce.loops = loops ?? null
  const pace = new SendRateLimiter(
    store,
    () => limits,
    () => 0,
  )
  const deliveries = new DeliveryFeed({ store, pace, contacts: everybodyKnown, shares: alone, isUp: () => true })
  const render = rendersWith(gateway)
  const onChanged = (): void => deliveries.wake(ACCOUNT.org)
  const onAccepted = (): void => undefined
  const outbox = new Outbox({
    isCaughtUp: () => true,
    contacts: everybodyKnown,
    store,
    gateway,
    pace,
    render,
    log,
    onAccepted,
    onChanged,
  })
  const sending = new SendRequests({
    store,
    shares: alone,
    outbox,
    enclosures: noFiles,
    settings: () => defaults,
  })
  const turns = new TurnRunner({
    failures: new AgentFailures(),
    shares: alone,
    roleOf: () => Promise.resolve('viewer'),
    listener: deaf,
    store,
    log,
    agents: agentsThat(run),
    settings: () => defaults,
    audit: keptAudit().audit,
    judge: unjudged,
    seekApproval: unapproved,
    markInProgress: () => () => undefined,
    say: sending.reply.bind(sending),
    random: () => 0,
  })
  await turns.open()
  await outbox.connected(ACCOUNT, OUR_NUMBER)
  const receive = async (...messages: Parameters<StandInGateway['receive']>): Promise<void> => {
    gateway.receive(...messages)
    await inbox.wake(ACCOUNT, gateway.journal.length)
    turns.wake()
  }
  const listed = async () =>
    (await deliveries.list(ORG, { account: null, status: null, limit: 50, before: null })).toReversed()
  const dispose = async (): Promise<void> => {
    await inbox.close()
    await turns.close()
    await outbox.stop()
    await outbox.settled()
  }
  return { gateway, inbox, lines, line, receive, deliveries, listed, [Symbol.asyncDispose]: dispose }
}
