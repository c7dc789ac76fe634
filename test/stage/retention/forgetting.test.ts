import { describe, expect, it } from 'vitest'

import { claimed } from '../../../plugin/contract/claimed.ts'
import { TurnRequests } from '../../../plugin/turns/turn-requests.ts'
import { ChannelError } from '../../../plugin/contract/errors/errors.ts'
import { DisappearingMessages } from '../../../plugin/retention/disappearing-messages.ts'
import { finishStep, recordStep, stepsOf } from '../../../plugin/store/turns/steps.ts'
import { after, asks, disappearingScene as scene, MINUTE_S, NOON, turnsIn } from '../../support/disappearing-stages.ts'
import { keptLog } from '../../support/host.ts'
import { stagesOn } from '../../support/stages.ts'
import { ACCOUNT, ALICE, BOB, GROUP, ORG, byPhone, direct, given, linkedStore, textFrom } from '../../support/store.ts'
import type { Run } from '../../support/turns.ts'

/** An agent that thinks until the test is over, and what it is handed. */
function thinking() {
  let begun: (signal: AbortSignal) => void = () => undefined
  const signal = new Promise<AbortSignal>(resolve => (begun = resolve))
  const run: Run = async function* (turn) {
    begun(turn.signal)
    await new Promise(resolve => turn.signal.addEventListener('abort', resolve))
    yield `too late: ${turn.message.text}`
  }
  return { run, signal }
}

describe('a message with a timer', () => {
  it('is forgotten when it has run out and not before, and others are not', async () => {
    await using here = await scene()
    await here.receive(asks('a minute'), asks('two minutes', 120), asks('for good', null))
    await here.line('turn ended', 3)
    await here.at(59.999)
    expect(await here.said()).toContain('a minute')
    await here.at(60)
    expect((await here.said()).filter(text => !text.startsWith('re: '))).toEqual([
      'forgotten',
      'two minutes',
      'for good',
    ])
    await here.at(120)
    expect((await here.said()).filter(text => !text.startsWith('re: '))).toEqual(['forgotten', 'forgotten', 'for good'])
    expect((await here.messages()).map(({ outcome }) => outcome).filter(each => each === 'answered')).toHaveLength(3)
  })

  it('is forgotten by itself at its time, by an alarm of its own', async () => {
    await using here = await scene()
    await here.receive(asks('a moment', 1, { sentAt: Date.now() }))
    await here.line('turn ended')
    const real = new DisappearingMessages({
      store: here.store,
      gateway: here.gateway,
      artifacts: {},
      log: keptLog().log,
      keeps: () => false,
    })
    await real.open()
    await expect.poll(() => here.said(), { timeout: 5_000 }).toContain('forgotten')
    await real.close()
  })

  it('whose turn is under way ends it first: nothing is said, and the agent is told to stop', async () => {
    const agent = thinking()
    await using here = await scene({ run: agent.run })
    await here.receive(asks('think'))
    const signal = await agent.signal
    await here.at(60)
    await here.line('turn taken back')
    expect(signal.aborted).toBe(true)
    expect(await turnsIn(here.store)).toMatchObject([{ status: 'cancelled', code: 'forgotten' }])
    expect(await here.messages()).toMatchObject([{ content: { kind: 'forgotten' }, outcome: 'ignored: forgotten' }])
    expect(here.gateway.transmissions).toEqual([])
  })

  it('whose tool answers late has no answer of it kept', async () => {
    const agent = thinking()
    await using here = await scene({ run: agent.run })
    await here.receive(asks('look it up'))
    await agent.signal
    const [turn] = await turnsIn(here.store)
    const attempt = { id: given(turn).id, attempt: 1 }
    const call = { n: 1, tool: 'look', effect: 'read', argumentsHash: 'x', decision: 'allow', reason: null } as const
    const late = { n: 1, result: '"what was asked for"' }
    await here.store.transaction(trx => recordStep(trx, attempt, { ...call, status: 'started', result: null }))
    await here.at(60)
    await here.store.transaction(trx => finishStep(trx, attempt, late))
    expect((await stepsOf(here.store.connection, attempt.id)).get(1)).toMatchObject({ status: 'started', result: null })
  })

  it('that was put together with others takes their turn with it, and what that was about stays as it is', async () => {
    const agent = thinking()
    await using here = await scene({ run: agent.run })
    here.inForce.gatherMs = 150
    await here.receive(asks('one', null), asks('two', MINUTE_S), asks('three', 120))
    await agent.signal
    await here.at(60)
    await here.line('turn taken back')
    expect(await turnsIn(here.store)).toMatchObject([{ status: 'cancelled', code: 'forgotten' }])
    expect(await here.said()).toEqual(['one', 'forgotten', 'three'])
    expect(new Set((await here.messages()).map(({ outcome }) => outcome))).toEqual(new Set(['ignored: forgotten']))
  })

  it.each(['no_binding', 'identity_unknown', 'link_unconfirmed', 'human_takeover'])(
    'that nobody was asked about (%s) is asked about no more, by itself or by a person',
    async reason => {
      await using here = await scene()
      await here.receive(asks('anybody?'))
      await here.line('turn ended')
      await here.store.connection
        .updateTable('messages')
        .set({ outcome: `unmatched: ${reason}` as 'unmatched: no_binding' })
        .where('direction', '=', 'inbound')
        .execute()
      await here.at(60)
      const [message] = await here.messages()
      expect(message).toMatchObject({ outcome: 'ignored: forgotten' })
      await expect(here.inbox.replay(ORG, given(message).id)).rejects.toThrow(new ChannelError('message_not_unmatched'))
    },
  )

  it.each(['needs_operator', 'dead_letter'] as const)('that waits for a person (%s) waits no more', async status => {
    await using here = await scene()
    await here.receive(asks('help'))
    await here.line('turn ended')
    await here.store.connection.updateTable('turns').set({ status, code: 'agent_failed' }).execute()
    await here.at(60)
    const [turn] = await turnsIn(here.store)
    expect(turn).toMatchObject({ status: 'cancelled', code: 'forgotten' })
    const { log } = keptLog()
    const waiting = new TurnRequests({
      store: here.store,
      log,
      onQueued: () => undefined,
      onCancelled: () => undefined,
    })
    await expect(waiting.retry(ORG, given(turn).id, 'repeat')).rejects.toThrow(new ChannelError('turn_not_waiting'))
  })

  it('is in no conversation any more, nor quoted in one', async () => {
    await using here = await scene()
    const secret = asks('the code is 4711')
    await here.receive(secret)
    await here.line('turn ended')
    await here.at(60)
    const quoted = claimed({ stanzaId: secret.stanzaId, sender: ALICE, text: 'the code is 4711' })
    await here.receive(asks('what was it?', null, { quoted, sentAt: after(61) }))
    await here.line('turn ended', 2)
    const last = given(here.seen.at(-1))
    expect(last.conversation.map(({ text }) => text)).toEqual(['re: the code is 4711'])
    expect(last.facts.quoted).toMatchObject({ kind: 'forgotten', text: null, claimed: false })
  })

  it('is not said again by an edit that comes late, and goes with what replaced it before', async () => {
    await using here = await scene()
    const first = asks('first')
    const edit = (text: string, expiresInSeconds: number | null) =>
      asks(text, expiresInSeconds, { edits: first.stanzaId, stanzaId: `EDIT_${text}`, sentAt: after(30) })
    await here.receive(first, edit('second', null))
    await here.line('turn ended')
    await here.at(60)
    expect((await here.messages()).filter(({ direction }) => direction === 'inbound')).toMatchObject([
      { content: { kind: 'forgotten' } },
      { content: { kind: 'forgotten' } },
    ])
    await here.receive(edit('third', 60))
    const [message] = await here.messages()
    expect(message).toMatchObject({ content: { kind: 'forgotten' } })
  })
})

describe('forgetting', () => {
  it('is left out by the setting, until that is changed', async () => {
    await using here = await scene()
    here.keeping.isOn = true
    await here.receive(asks('hello'))
    await here.line('turn ended')
    await here.at(60)
    expect([await here.said(), here.gateway.forgotten]).toEqual([['hello', 're: hello'], []])
    here.keeping.isOn = false
    await here.at(61)
    expect(await here.said()).toContain('forgotten')
  })

  it('goes on after a restart with what disappeared meanwhile, before anybody answers it', async () => {
    const agent = thinking()
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [{}], run: agent.run })
    await stages.receive(asks('think'))
    await agent.signal
    const next = await opened.reopened()
    const forgetting = new DisappearingMessages({
      store: next.store,
      gateway: stages.gateway,
      artifacts: {},
      log: keptLog().log,
      keeps: () => false,
      now: () => after(60),
    })
    await forgetting.open()
    expect(await turnsIn(next.store)).toMatchObject([{ status: 'cancelled' }])
    const again = await stagesOn(next.store)
    expect(again.seen).toEqual([])
    expect(await turnsIn(next.store)).toMatchObject([{ status: 'cancelled', code: 'forgotten' }])
    await forgetting.close()
    await again[Symbol.asyncDispose]()
    await next[Symbol.asyncDispose]()
  })

  it('tells the gateway of an account whenever something of it disappears, and when it has opened its file', async () => {
    await using here = await scene()
    await here.receive(asks('hello'))
    await here.line('turn ended')
    await here.at(59)
    expect(here.gateway.forgotten).toEqual([])
    await here.at(60)
    expect(here.gateway.forgotten).toEqual([after(60)])
    here.gateway.forgetsNextAt = after(90)
    here.forgetting.opened(ACCOUNT)
    await here.forgetting.wake()
    await here.at(89)
    expect(here.gateway.forgotten).toEqual([after(60), after(60)])
    here.gateway.forgetsNextAt = null
    await here.at(90)
    expect(here.gateway.forgotten).toEqual([after(60), after(60), after(90)])
  })

  it('goes on here while the gateway is down', async () => {
    await using here = await scene()
    await here.receive(asks('hello'))
    await here.line('turn ended')
    here.gateway.down = new ChannelError('gateway_unreachable')
    await here.at(60)
    expect(await here.said()).toContain('forgotten')
    here.gateway.down = null
    here.forgetting.opened(ACCOUNT)
    await here.forgetting.wake()
    expect(here.gateway.forgotten).toEqual([after(60)])
  })

  it('forgets more than fit into one step, in every chat', async () => {
    await using here = await scene({ run: async function* () {} })
    const many = Array.from({ length: 120 }, (_, index) =>
      textFrom(index % 2 ? ALICE : BOB, `text ${index}`, {
        chat: index % 3 ? direct(index % 2 ? ALICE : BOB) : GROUP,
        sentAt: NOON,
        expiresInSeconds: 1 + (index % 50),
      }),
    )
    await here.receive(...many)
    await here.at(25)
    expect((await here.said()).filter(text => text === 'forgotten')).toHaveLength(
      many.filter(({ expiresInSeconds }) => (expiresInSeconds ?? 0) <= 25).length,
    )
    await here.at(50)
    expect(new Set(await here.said())).toEqual(new Set(['forgotten']))
  })

  it('knows a message also when its sender turns out to be somebody who was known by another address', async () => {
    await using here = await scene()
    await here.receive(asks('by number', MINUTE_S, { sender: byPhone(ALICE), chat: direct(byPhone(ALICE)) }))
    await here.receive(asks('by both', null, { sender: ALICE, chat: direct(ALICE) }))
    await here.line('turn ended', 2)
    await here.at(60)
    expect((await here.said()).filter(text => !text.startsWith('re: '))).toEqual(['forgotten', 'by both'])
  })
})
