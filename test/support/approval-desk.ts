import { AgentFailures } from '../../plugin/health/agent-failures.ts'
import { claimed } from '../../plugin/contract/claimed.ts'
import { NO_INBOUND_LIMITS } from '../../plugin/config/inbound-limits.ts'
import { expect } from 'vitest'

import type { ApprovalState } from '../../plugin/contract/approval.ts'
import { AnswerDecisions } from '../../plugin/approvals/answer-decisions.ts'
import { Approvals } from '../../plugin/approvals/approvals.ts'
import type { AttemptParts } from '../../plugin/turns/attempt.ts'
import type { Settings } from '../../plugin/config/settings.ts'
import { BacklogWait } from '../../plugin/accounts/backlog-wait.ts'
import type { Audit, NewAuditEntry } from '../../plugin/contract/audit.ts'
import type { OutboundContent } from '../../plugin/contract/delivery.ts'
import type { Agents, Turn } from '../../plugin/contract/host.ts'
import type { Phone } from '../../plugin/contract/ids.ts'
import type { InboundMessage } from '../../plugin/contract/message.ts'
import type { ToolCall } from '../../plugin/contract/policy.ts'
import { Inbox } from '../../plugin/inbox/inbox.ts'
import { RuleCache } from '../../plugin/routing/rule-cache.ts'
import { addBinding } from '../../plugin/store/accounts/bindings.ts'
import type { Store } from '../../plugin/store/database.ts'
import { TurnRunner } from '../../plugin/turns/turn-runner.ts'
import { alone } from './alone.ts'
import { agentsThat, keptLog } from './host.ts'
import { keptAudit, unjudged } from './policies.ts'
import { noResets } from './rules.ts'
import { StandInGateway } from './stand-in-gateway.ts'
import { ACCOUNT, given, type OpenedStore, ORG, person, textFrom } from './store.ts'
import { deaf, defaults } from './turns.ts'
import { outboxOf } from './unpaced-outbox.ts'
import { searchingIn } from './job-runner.ts'

export const APPROVER = person('333333333333333', '972500000009')
export const OTHER_APPROVER = person('444444444444444', '972500000008')

/** What the desk's agent does: tools to call, one after the other. */
export type Plan = (turn: Turn) => readonly ToolCall[]

export type DeskSetting = Partial<Settings> & {
  /** In place of the one that goes by the plan. */
  readonly agent?: Agents['run']
  /** Runs before a turn learns how it stands. */
  readonly sought?: (standing: ApprovalState, approvals: Approvals) => Promise<void>
  readonly plan?: Plan
  readonly judge?: AttemptParts['judge']
  readonly gateway?: StandInGateway
  /** Runs before the audit log has an entry. */
  readonly auditing?: (entry: NewAuditEntry) => Promise<void>
}

/** `restart billing` restarts it; everything else is answered without a tool. */
const restarts: Plan = ({ message }) => {
  const [verb, name] = message.text.split(' ')
  return verb === 'restart' ? [{ tool: 'service.restart', effect: 'write', arguments: { name } }] : []
}

/** The tools that were called, over all processes of a test. */
export type Calls = ToolCall[]

/** A turn's way from the inbox to the outbox, with approvals, over a store that outlives it. */
export async function approvalDesk(store: Store, calls: Calls, setting: DeskSetting = {}) {
  const {
    plan = restarts,
    judge = unjudged,
    gateway = new StandInGateway(),
    agent = planned,
    sought,
    auditing,
    ...more
  } = setting
  const settings: Settings = { ...defaults, approvers: new Set([given(APPROVER.phone)]), ...more }
  const out = outboxOf(store, { gateway })
  const kept = keptLog()
  const { audit: keptIn, entries } = keptAudit()
  const audit: Audit = {
    append: async (org, entry) => {
      await auditing?.(entry)
      await keptIn.append(org, entry)
    },
  }
  async function* planned(turn: Turn) {
    for (const call of plan(turn)) {
      const step = await turn.step(call, () => Promise.resolve(calls.push(call)))
      yield step.outcome === 'done' ? `done ${call.tool}` : `refused: ${step.decision.reason}`
    }
    yield `heard ${turn.message.text}`
  }
  const answers = new AnswerDecisions({ store, audit, log: kept.log, onDecided: () => turns.wake() })
  const approvals = new Approvals({
    store,
    outbox: out.outbox,
    settings: () => settings,
    log: kept.log,
    audit,
    onDecided: () => turns.wake(),
  })
  const turns: TurnRunner = new TurnRunner({
    failures: new AgentFailures(),
    shares: alone,
    roleOf: () => Promise.resolve('viewer'),
    listener: deaf,
    store,
    log: kept.log,
    agents: agentsThat(agent),
    settings: () => settings,
    audit,
    judge,
    seekApproval: async asked => {
      const standing = await approvals.seek(asked)
      await sought?.(standing, approvals)
      return standing
    },
    markInProgress: () => () => undefined,
    say: reply => out.sending.reply(reply),
    random: () => 0,
  })
  const ruleCache = new RuleCache()
  const inbox = new Inbox({
    shares: alone,
    store,
    gateway,
    log: kept.log,
    rulesOf: (transaction, org) => ruleCache.rulesOf(transaction, org),
    alsoAnswered: () => new Set(),
    mentionAllCounts: () => false,
    gatherMs: () => 0,
    approvalAnswered: (...given_) => approvals.answered(...given_),
    budgets: () => NO_INBOUND_LIMITS,
    takeovers: () => settings,
    loops: () => null,
    resets: noResets,
    onCommitted: (_, { takenBack, said, answered }) => {
      if (answered > 0) void answers.wake()
      turns.cancelled(takenBack.running)
      out.outbox.accepted(...said)
    },
    onTimeLock: () => undefined,
    onReleased: () => undefined,
    catchingUp: new BacklogWait(),
    searching: searchingIn(store),
  })
  await turns.open()
  void answers.wake()
  const receive = (...messages: InboundMessage[]) => {
    gateway.receive(...messages)
    return inbox.wake(ACCOUNT)
  }
  return {
    approvals,
    turns,
    inbox,
    gateway,
    outbox: out.outbox,
    audited: entries,
    /** Resolves when so many turns have ended or wait. */
    settled: async (turns_: number) => {
      const over = () => kept.lines.filter(({ event }) => event === 'turn ended' || event === 'turn waits').length
      await expect.poll(over, { timeout: 30_000 }).toBe(turns_)
    },
    receive,
    settings,
    ...kept,
    [Symbol.asyncDispose]: async () => {
      await inbox.close()
      await answers.close()
      await turns.close()
      await out.stop()
    },
  }
}

/** A store in which an agent answers everybody. */
export async function boundTo(opened: OpenedStore): Promise<OpenedStore> {
  await opened.store.transaction(trx => addBinding(trx, ORG, { agent: 'echo', rule: {} }))
  return opened
}

/** What was said to somebody, in order, with the stanza id of each. */
export async function saidTo(store: Store, phone: Phone | null): Promise<{ text: string; stanzaId: string }[]> {
  const rows = await store.connection
    .selectFrom('sends')
    .innerJoin('people', 'people.id', 'sends.chat_key')
    .select(['sends.content', 'sends.stanza_id'])
    .where('people.phone', '=', phone)
    .orderBy('sends.seq')
    .execute()
  return rows.map(({ content, stanza_id }) => {
    const said = JSON.parse(content) as OutboundContent
    return { text: said.kind === 'text' ? said.text : said.kind, stanzaId: stanza_id }
  })
}

/** The question that somebody was asked last. */
export const lastQuestion = async (store: Store, phone: Phone | null): Promise<{ text: string; stanzaId: string }> =>
  given((await saidTo(store, phone)).findLast(({ text }) => text.startsWith('Approval needed')))

/** A reaction of a person to a message, in their own chat with us. */
export const reactionOf = (from: typeof APPROVER, emoji: string, target: string): InboundMessage =>
  textFrom(from, '', { content: { kind: 'reaction', emoji, target } })

/** A reply of a person to a message. */
export const replyOf = (from: typeof APPROVER, text: string, stanzaId: string): InboundMessage =>
  textFrom(from, text, { quoted: claimed({ stanzaId, sender: null, text: null }) })
