import type { Settings } from '../../plugin/config/settings.ts'
import type { Turn, ConversationMessage } from '../../plugin/contract/host.ts'
import type { InboundMessage } from '../../plugin/contract/message.ts'
import { addBinding, type NewBinding } from '../../plugin/store/accounts/bindings.ts'
import { AgentFailures } from '../../plugin/health/agent-failures.ts'
import type { Store } from '../../plugin/store/database.ts'
import { TurnRunner } from '../../plugin/turns/turn-runner.ts'
import { alone } from './alone.ts'
import { agentsThat } from './host.ts'
import { inboxOf } from './inbox.ts'
import { keptAudit, unapproved, unjudged } from './policies.ts'
import { ACCOUNT, ORG, OUR_NUMBER, given } from './store.ts'
import { deaf, type Run } from './turns.ts'
import { outboxOf } from './unpaced-outbox.ts'

/** What an agent was handed of a conversation, as one line for each. */
export const told = (conversation: readonly ConversationMessage[]): string[] =>
  conversation.map(({ who, text }) => `${who}: ${text}`)

/** Answers each message with `re: ` and its text. */
const answers: Run = async function* answers({ message }) {
  yield `re: ${message.text}`
}

/** All stages on one store, their outbox connected. `bindings` are added before anything comes in. */
export async function stagesOn(
  store: Store,
  { run = answers, bindings = [] }: { run?: Run; bindings?: Partial<NewBinding>[] } = {},
) {
  for (const each of bindings)
    await store.transaction(trx => addBinding(trx, ORG, { agent: 'echo', rule: {}, ...each }))
  const into = await inboxOf(store)
  const { gateway, inbox, inForce, settings, log, line, lines, committed } = into
  const out = outboxOf(store, { gateway })
  inForce.enqueue = (transaction, message) => out.outbox.enqueue(transaction, message)
  const seen: Turn[] = []
  const turns = new TurnRunner({
    failures: new AgentFailures(),
    shares: alone,
    roleOf: () => Promise.resolve('viewer'),
    listener: deaf,
    store,
    log,
    agents: agentsThat(turn => {
      seen.push(turn)
      return run(turn)
    }),
    settings: (): Settings => settings,
    audit: keptAudit().audit,
    judge: unjudged,
    seekApproval: unapproved,
    markInProgress: () => () => undefined,
    say: out.sending.reply.bind(out.sending),
    random: () => 0,
  })
  await turns.open()
  await out.outbox.connected(ACCOUNT, OUR_NUMBER)
  let announced = 0
  /** Takes messages over, as the channel does. */
  const receive = async (...messages: InboundMessage[]): Promise<void> => {
    gateway.receive(...messages)
    await inbox.wake(ACCOUNT, gateway.journal.length)
    for (const { said } of committed.slice(announced)) out.outbox.accepted(...said)
    turns.cancelled(committed.slice(announced).flatMap(({ takenBack }) => takenBack.running))
    announced = committed.length
    turns.wake()
  }
  /** What the agent was handed with the message of this text, at its last attempt. */
  const toldAt = (text: string): string[] =>
    told(given(seen.findLast(({ message }) => message.text === text)).conversation)
  const dispose = async (): Promise<void> => {
    await inbox.close()
    await turns.close()
    await out.stop()
  }
  return {
    gateway,
    inbox,
    inForce,
    turns,
    seen,
    settings,
    line,
    lines,
    receive,
    toldAt,
    sending: out.sending,
    outbox: out.outbox,
    outboxLine: out.line,
    [Symbol.asyncDispose]: dispose,
  }
}
