import { AgentFailures } from '../../plugin/health/agent-failures.ts'
import { describe, expect, it, vi } from 'vitest'

import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../plugin/base/durations.ts'
import { TurnRunner } from '../../plugin/turns/turn-runner.ts'
import { alone } from '../support/alone.ts'
import { agentsThat, echo } from '../support/host.ts'
import { inboxOf } from '../support/inbox.ts'
import { START, pacedOutbox, pass, stopTime, stranger } from '../support/paced-outbox.ts'
import { keptAudit, unapproved, unjudged } from '../support/policies.ts'
import { ACCOUNT, ALICE, BOB, ORG, given, linkedStore, textFrom } from '../support/store.ts'
import { deaf, defaults, outcomes, running } from '../support/turns.ts'

const JUMPS = [
  { jump: 'an hour ahead', byMs: HOUR_MS },
  { jump: 'an hour back', byMs: -HOUR_MS },
  { jump: 'thirty days ahead', byMs: 30 * DAY_MS },
  { jump: 'thirty days back', byMs: -30 * DAY_MS },
]

describe.each(JUMPS)('F21: the clock is set $jump', ({ byMs }) => {
  it('a reply that waits goes when it would have gone', async () => {
    using time = stopTime()
    await using opened = await linkedStore()
    await using out = pacedOutbox(opened.store)
    await out.connect()
    const reply = await out.reply(ALICE, 'x'.repeat(50))
    await pass(1_000)
    time.setClock(byMs)
    const later = await out.reply(ALICE, 'y', 1)
    await pass(MINUTE_MS)
    expect([reply, later].map(send => given(out.sentAfter(send)) - byMs)).toEqual([3_500, 5_500])
  })

  it('a reply that cannot go runs out after an hour that has passed, no sooner and no later', async () => {
    using time = stopTime()
    await using opened = await linkedStore()
    await using out = pacedOutbox(opened.store)
    const { id } = await out.reply(ALICE, 'late')
    await pass(HOUR_MS / 2)
    time.setClock(byMs)
    out.outbox.disconnected(ACCOUNT)
    await pass(HOUR_MS / 2 - 1)
    expect(await out.deliveries.find(ORG, id)).toMatchObject({ status: 'accepted' })
    await pass(1)
    expect(await out.deliveries.find(ORG, id)).toMatchObject({ status: 'expired' })
  })

  it('the budget of the day is neither renewed nor lost, and answers go out all the same', async () => {
    using time = stopTime()
    await using opened = await linkedStore()
    await using out = pacedOutbox(opened.store)
    await out.connect()
    for (let n = 0; n < 6; n += 1) await out.say(stranger(n), `hello ${n}`)
    await pass(HOUR_MS)
    time.setClock(byMs)
    const reply = await out.reply(ALICE, 'of course')
    await pass(HOUR_MS)
    expect(given(out.sentAfter(reply)) - byMs).toBe(HOUR_MS + 2_270)
    expect(out.gateway.texts.filter(text => text.startsWith('hello'))).toHaveLength(5)
    await pass(21 * HOUR_MS)
    const next = await out.say(stranger(9), 'a new day')
    await pass(MINUTE_MS)
    expect(out.sentAfter(next)).toBeNull()
    await pass(HOUR_MS)
    expect(given(out.sentAfter(next)) - byMs).toBeGreaterThanOrEqual(DAY_MS)
  })

  it('a key that was used before is still that of its send', async () => {
    using time = stopTime()
    await using opened = await linkedStore()
    await using out = pacedOutbox(opened.store)
    const ask = (key: string) => out.sending.send(ACCOUNT, { to: given(ALICE.phone), text: 'deployed' }, key)
    const { id } = await ask('key-1')
    time.setClock(byMs)
    await ask('key-2')
    expect((await ask('key-1')).id).toBe(id)
  })

  it('a chat that was answered ten times is answered on', async () => {
    using time = stopTime()
    await using opened = await linkedStore()
    await using out = pacedOutbox(opened.store)
    out.inForce.limits = null
    await out.connect()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    const say = out.sending.reply.bind(out.sending)
    const settings = () => defaults
    const turns = new TurnRunner({
      failures: new AgentFailures(),
      shares: alone,
      roleOf: () => Promise.resolve('viewer'),
      listener: deaf,
      store: opened.store,
      log: out.log,
      agents: agentsThat(echo),
      settings,
      audit: keptAudit().audit,
      judge: unjudged,
      seekApproval: unapproved,
      markInProgress: () => () => undefined,
      say,
      random: () => 0,
    })
    for (let n = 1; n <= 12; n += 1) {
      if (n === 12) time.setClock(byMs)
      gateway.receive(textFrom(ALICE, `question ${n}`))
      await inbox.wake(ACCOUNT)
      turns.wake()
      expect((await out.line('turn ended', n)).fields).toMatchObject({ status: 'answered' })
      await pass(MINUTE_MS)
    }
    await inbox.close()
    await turns.close()
    expect(out.gateway.texts).toHaveLength(12)
  })

  it('a turn that failed is tried again after its pause, and its chat does not wait for the clock', async () => {
    using time = stopTime()
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    await using turns = await running(opened.store, async function* run({ attempt, message }) {
      if (attempt === 1 && message.text === 'one') throw new Error('not yet')
      yield message.text
    })
    gateway.receive(textFrom(ALICE, 'one'), textFrom(ALICE, 'two'))
    await inbox.wake(ACCOUNT)
    turns.turns.wake()
    await turns.line('turn failed')
    time.setClock(byMs)
    await pass(300)
    await turns.line('turn ended', 2)
    expect(turns.said.map(({ text }) => text)).toEqual(['one', 'two'])
    await inbox.close()
  })

  it('a message that could not be read yet takes its turn when it can, once', async () => {
    using time = stopTime()
    await using opened = await linkedStore()
    const { inbox, gateway, committed } = await inboxOf(opened.store, {})
    const message = textFrom(ALICE, 'at last', { receivedAt: START })
    gateway.receive({ ...message, content: { kind: 'undecryptable' } })
    await inbox.wake(ACCOUNT)
    time.setClock(byMs)
    gateway.receive(textFrom(BOB, 'between'))
    await inbox.wake(ACCOUNT)
    gateway.receive(message, message)
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(expect.arrayContaining(['at last → matched', 'between → matched']))
    expect(committed.reduce((sum, { queued }) => sum + queued, 0)).toBe(2)
    await inbox.close()
  })
})

it('F21: the clock is set back between two processes, and what was queued before goes before what comes then', async () => {
  using time = stopTime()
  await using opened = await linkedStore()
  const before = await inboxOf(opened.store, {})
  before.gateway.receive(textFrom(ALICE, 'one'), textFrom(ALICE, 'two'))
  await before.inbox.wake(ACCOUNT)
  await before.inbox.close()
  await using out = pacedOutbox(opened.store)
  const { id } = await out.reply(BOB, 'waits')
  await opened.store.close()

  time.setClock(-30 * DAY_MS)
  vi.resetModules()
  // Their own state is new as well, as in another process.
  const { openStore } = await import('../../plugin/store/database.ts')
  const next = await import('../support/turns.ts')
  const paced = await import('../support/paced-outbox.ts')
  const store = await openStore(opened.file)
  await next.matched(store, textFrom(ALICE, 'three'))
  await using turns = await next.running(store, async function* run({ message }) {
    yield message.text
  })
  await turns.line('turn ended', 3)
  expect(turns.said.map(({ text }) => text)).toEqual(['one', 'two', 'three'])
  await using after = paced.pacedOutbox(store)
  await after.connect()
  await pass(10_000)
  expect(await after.deliveries.find(ORG, id)).toMatchObject({ status: 'sent' })
  await after[Symbol.asyncDispose]()
  await store.close()
})
