import { AgentFailures } from '../../plugin/health/agent-failures.ts'
import { Accounts } from '../../plugin/accounts/accounts.ts'
import { ConnectionStates } from '../../plugin/accounts/connection-states.ts'
import { alone } from './alone.ts'
import { agentsThat, keptLog } from './host.ts'
import type { ConnectionState } from '../../plugin/contract/connection.ts'
import type { MessageContent } from '../../plugin/contract/content.ts'
import type { Turn } from '../../plugin/contract/host.ts'
import { type AccountKey, addressOfPerson, type OrgId } from '../../plugin/contract/ids.ts'
import type { ToolCall } from '../../plugin/contract/policy.ts'
import type { HealthNumbers } from '../../plugin/metrics/health-gauges.ts'
import { Metrics } from '../../plugin/metrics/metrics.ts'
import { addBinding } from '../../plugin/store/accounts/bindings.ts'
import type { Store } from '../../plugin/store/database.ts'
import { listMessages } from '../../plugin/store/messages/messages.ts'
import { TurnRunner } from '../../plugin/turns/turn-runner.ts'
import { inboxOf } from './inbox.ts'
import { type Page, readPrometheus } from './prometheus.ts'
import { ACCOUNT, ALICE, BOB, byLid, given, GROUP, ORG, OUR_NUMBER, person, textFrom, US } from './store.ts'
import { defaults } from './turns.ts'
import { keptAudit, unapproved, unjudged } from './policies.ts'
import { outboxOf } from './unpaced-outbox.ts'

const CAROL = person('333333333333333', '972500000004')
const SILENT: ConnectionState = { status: 'connecting' }
export const order: MessageContent = { kind: 'unsupported', type: 'orderMessage', caption: '' }

export const metricsOf = (store: Store, states: Record<string, ConnectionState> = {}): Metrics =>
  new Metrics({
    store,
    stateOf: ({ account }) => states[account] ?? SILENT,
    expiryOf: key => new Accounts(store, new ConnectionStates(keptLog().log, () => null)).expiryOf(key),
    backlogOf: () => null,
    healthOf: async () => HEALTHY,
    roomOf: async () => ({ usedBytes: 5, mostBytes: 10 }),
  })

export const HEALTHY: HealthNumbers = {
  problems: [],
  behind: [],
  oldestRunningAt: null,
  approvalsWaiting: 0,
  freeBytes: 1,
  auditFailures: 0,
  filesWork: true,
}

export const NOTHING_HELD = { sockets: 0, subscriptions: 0 }

export const pageOf = async (metrics: Metrics, org: OrgId = ORG): Promise<Page> =>
  readPrometheus(await metrics.text(org, NOTHING_HELD))

const reading = async (turn: Turn, effect: string): Promise<void> => {
  const tool = { tool: 'shop.look', effect, arguments: {} } as unknown as ToolCall
  await turn.step(tool, async () => 'looked')
}

/** Calls a tool when it is told its effect, stumbles at first, and says something, or does not. */
async function* agent(turn: Turn): AsyncGenerator<string, void, undefined> {
  const [verb = '', effect = ''] = turn.message.text.split(' ')
  if (verb === 'stumble' && turn.attempt === 1) throw new Error('not yet')
  if (verb === 'call') await reading(turn, effect)
  if (verb !== 'silence') yield verb
}

/** All stages on one store, in front of the metrics that are told of them. */
export async function atWork(store: Store, key: AccountKey = ACCOUNT) {
  const metrics = metricsOf(store, { default: { status: 'connected', phone: OUR_NUMBER, since: 0 } })
  await metrics.open()
  const into = await inboxOf(store)
  const out = outboxOf(store)
  const turns = new TurnRunner({
    failures: new AgentFailures(),
    shares: alone,
    roleOf: () => Promise.resolve('viewer'),
    listener: metrics,
    store,
    log: into.log,
    agents: agentsThat(agent),
    settings: () => defaults,
    audit: keptAudit().audit,
    judge: unjudged,
    seekApproval: unapproved,
    markInProgress: () => () => undefined,
    say: ({ wording }) => Promise.resolve(wording.text === 'babble' ? 'over_cap' : 'accepted'),
    random: () => 0,
  })
  await turns.open()
  const takeOver = async (): Promise<void> => {
    await into.inbox.wake(key, into.gateway.journal.length)
    for (const admitted of into.committed.splice(0)) metrics.admitted(key, admitted)
    turns.wake()
  }
  const dispose = async (): Promise<void> => {
    await into.inbox.close()
    await turns.close()
    await out.stop()
  }
  return { metrics, ...into, out, takeOver, [Symbol.asyncDispose]: dispose }
}

type Work = Awaited<ReturnType<typeof atWork>>

/** What comes in on a day: of everything that can become of a message some. */
async function messagesOfADay({ gateway, inbox, takeOver, line }: Work, store: Store): Promise<void> {
  const alice = (text: string) => textFrom(ALICE, text)
  const secret = { content: { kind: 'undecryptable' } } as const
  const [locked, lost] = [textFrom(BOB, '', secret), textFrom(BOB, '', secret)]
  const reaction = { kind: 'reaction', emoji: '👍', target: 'X' } as const
  const twice = alice('hello')
  gateway.receive(twice, twice, alice('call read'), alice('call write'), alice('call sing'), alice('silence'))
  gateway.receive(alice('babble'), textFrom(BOB, 'nobody answers me'), textFrom(byLid(CAROL), 'who am I?'))
  gateway.receive(textFrom(US, 'my own', { fromMe: true }), textFrom(BOB, '', { content: reaction }))
  gateway.receive(textFrom(BOB, '', { content: order }), textFrom(BOB, '', { content: order, chat: GROUP }))
  gateway.receive(locked, lost, alice('stumble'))
  await takeOver()
  gateway.append({ kind: 'identity', person: CAROL })
  gateway.receive({ ...locked, content: { kind: 'text', text: 'now you can read me' } })
  await takeOver()
  const unmatched = (await listMessages(store.connection, ORG, { after: 0, limit: 100 })).find(
    ({ outcome }) => outcome === 'unmatched: no_binding',
  )
  await store.transaction(trx => addBinding(trx, ORG, { agent: 'echo', rule: { from: given(BOB.phone) } }))
  await inbox.replay(ORG, given(unmatched).id)
  await takeOver()
  await line('turn ended', 9)
}

/** What goes out: of everything that can become of a send one, but what is read was delivered before. */
async function sendsOfADay({ out, gateway, takeOver }: Work): Promise<void> {
  const alice = addressOfPerson(ALICE)
  out.gateway.answer = ({ bytes }) =>
    Buffer.from(bytes).includes('refused') ? { outcome: 'rejected', code: 479 } : { outcome: 'sent' }
  await out.outbox.connected(ACCOUNT, OUR_NUMBER)
  const sent = []
  for (const text of ['one', 'two', 'three', 'refused']) sent.push(await out.say(alice, text))
  await out.line('send settled', 4)
  out.outbox.disconnected(ACCOUNT)
  await out.outbox.cancel(ORG, (await out.say(alice, 'never mind')).id)
  await out.say(alice, 'later')
  await out.say(addressOfPerson(BOB), 'a person looks at it first')
  const [first, second] = sent.map(({ stanzaId }) => stanzaId)
  const receipt = (stanzaId = '', word: 'delivered' | 'read') =>
    gateway.append({ kind: 'receipt', stanzaId, receipt: word, at: 0 })
  receipt(first, 'delivered')
  receipt(second, 'delivered')
  receipt(second, 'read')
  await takeOver()
}

/** What a page has of a metric above nothing, by one of its labels. */
export const seen = (page: Page, name: string, label: string): Map<string, number> =>
  new Map(
    page.samples
      .filter(sample => sample.name === name && sample.value > 0)
      .map(({ labels, value }) => [labels[label] ?? '', value]),
  )

/** A day, and what is told of it. */
export async function aDay(store: Store): Promise<Work> {
  await store.transaction(trx => addBinding(trx, ORG, { agent: 'echo', rule: { from: given(ALICE.phone) } }))
  await store.transaction(trx => addBinding(trx, ORG, { agent: 'echo', rule: { from: given(CAROL.phone) } }))
  const work = await atWork(store)
  await messagesOfADay(work, store)
  await sendsOfADay(work)
  return work
}
