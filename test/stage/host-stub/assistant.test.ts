import { describe, expect, it } from 'vitest'

import { runAgent } from '../../../host-stub/agentcy/agent-loop.ts'
import type { Turn } from '../../../plugin/contract/host.ts'
import { addressOfPerson } from '../../../plugin/contract/ids.ts'
import type { GateDecision } from '../../../plugin/contract/policy.ts'
import { Steps } from '../../../plugin/turns/steps.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { requeueTurns } from '../../../plugin/store/turns/turns.ts'
import { takeTurns } from '../../support/taken-turns.ts'
import { agentAt, MODEL_KEY, talkWith } from '../../support/assistant.ts'
import { type ModelStandIn, calls, hangs, modelEndpoint, refuses, says } from '../../support/model-endpoint.ts'
import { stagesOn } from '../../support/stages.ts'
import { ALICE, US, given, linkedStore, textFrom } from '../../support/store.ts'
import { APPROVER, approvalDesk, boundTo, lastQuestion, reactionOf, saidTo } from '../../support/approval-desk.ts'
import { unapproved } from '../../support/policies.ts'
import { matched } from '../../support/turns.ts'

const STATUS = { name: 'service_status', arguments: '{}' }
const RESTART = { name: 'service_restart', arguments: '{"name":"api"}' }

/** What the model was told by tools, in the order in which it was. */
const toolWords = ({ asked }: ModelStandIn): string[] =>
  (asked.at(-1)?.body.messages ?? []).flatMap(message => (message.role === 'tool' ? [message.content] : []))

describe('the assistant', () => {
  it('says what the model says, when all of it has come', async () => {
    await using talk = await talkWith([says('Grüß *dich*, 👍!')])
    await talk.receive(textFrom(ALICE, 'hello', { senderName: 'Alice' }))
    await talk.line('turn ended')
    await expect.poll(() => talk.gateway.texts).toEqual(['Grüß _dich_, 👍!'])
    const [asked] = talk.endpoint.asked
    expect(asked).toMatchObject({
      path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${MODEL_KEY}` },
      body: { model: 'parrot-1', stream: true, max_tokens: 1_024, tool_choice: 'auto' },
    })
    expect(asked?.body.tools.map(({ function: { name } }) => name)).toEqual(['service_status', 'service_restart'])
    expect(asked?.body.messages.map(({ role }) => role)).toEqual(['system', 'user'])
    const word = /⟦([0-9a-f]{16})⟧/.exec(asked?.body.messages[0]?.content ?? '')?.[1]
    expect(asked?.body.messages[1]?.content).toContain(
      `person 1 (⟦${word}⟧Alice⟦/${word}⟧) wrote: ⟦${word}⟧hello⟦/${word}⟧`,
    )
  })

  it('tells the model what was said before, and nobody’s number', async () => {
    await using talk = await talkWith([says('Hello Alice.'), says('You are Alice.')])
    await talk.receive(textFrom(ALICE, 'I am Alice'))
    await talk.line('turn ended')
    await talk.receive(textFrom(ALICE, 'who am I?'))
    await talk.line('turn ended', 2)
    const messages = given(talk.endpoint.asked[1]).body.messages
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user'])
    expect(messages[1]?.content).toMatch(/⟧I am Alice⟦/)
    expect(messages[2]?.content).toBe('Hello Alice.')
    expect(JSON.stringify(talk.endpoint.asked.map(({ body }) => body))).not.toContain('972500000')
  })

  it('reads by a tool, through the gate, and goes on with what that said', async () => {
    await using talk = await talkWith([calls(STATUS), says('All is up.')])
    await talk.receive(textFrom(ALICE, 'is all well?'))
    await talk.line('turn ended')
    await expect.poll(() => talk.gateway.texts).toEqual(['All is up.'])
    expect(toolWords(talk.endpoint)).toEqual([expect.stringContaining('api: up')])
    const judged = talk.lines.filter(({ event }) => event === 'tool call judged')
    expect(judged.map(({ fields }) => fields['tool'])).toEqual(['model.complete', 'service.status', 'model.complete'])
  })

  it('tells the model of calls that are none, three times at most', async () => {
    await using talk = await talkWith([
      calls({ name: 'rm_rf', arguments: '{}' }, { name: 'service_restart', arguments: '{"name":' }),
      calls({ name: 'service_restart', arguments: '{"name":"api","force":true}' }, STATUS),
      says('I could not.'),
    ])
    await talk.receive(textFrom(ALICE, 'restart it'))
    await talk.line('turn ended')
    await expect.poll(() => talk.gateway.texts).toEqual(['I could not.'])
    expect(toolWords(talk.endpoint)).toEqual([
      expect.stringContaining('no such tool'),
      expect.stringContaining('not one JSON object'),
      expect.stringContaining('not one JSON object'),
      expect.stringContaining('api: up'),
    ])
    expect(talk.endpoint.asked.map(({ body }) => body.tool_choice)).toEqual(['auto', 'auto', 'none'])
    const judged = talk.lines.filter(({ fields }) => fields['tool'] === 'service.restart')
    expect(judged).toEqual([])
  })

  it('lets the model call tools in seven rounds, and asks for an answer then', async () => {
    await using talk = await talkWith([...Array.from({ length: 7 }, () => calls(STATUS)), says('Enough.')])
    await talk.receive(textFrom(ALICE, 'go'))
    await talk.line('turn ended')
    await expect.poll(() => talk.gateway.texts).toEqual(['Enough.'])
    expect(talk.endpoint.asked.map(({ body }) => body.tool_choice)).toEqual([...Array<string>(7).fill('auto'), 'none'])
  })

  it('says nothing when the model has nothing to say, and fails when it calls tools for ever', async () => {
    await using talk = await talkWith([says(''), ...Array.from({ length: 8 }, () => calls(STATUS))])
    await talk.receive(textFrom(ALICE, 'thanks'))
    expect((await talk.line('turn ended')).fields).toMatchObject({ status: 'no_reply' })
    await talk.receive(textFrom(ALICE, 'go'))
    expect((await talk.line('turn failed')).fields).toMatchObject({ code: 'agent_failed' })
    expect(talk.gateway.texts).toEqual([])
  })
})

/** One attempt at the turn of a message, through real steps and before a gate of this test. */
async function attemptAt(store: Store, agent: ReturnType<typeof agentAt>['agent'], gate: () => GateDecision) {
  await store.transaction(trx => requeueTurns(trx, { most: 20, waitMs: () => 0 }))
  const stored = given((await store.transaction(trx => takeTurns(trx, 1, Date.now())))[0])
  const abort = new AbortController()
  let stop: (why: unknown) => void = () => undefined
  const stopped = new Promise<unknown>(resolve => (stop = resolve))
  const decide: Turn['gate'] = async ({ effect }) => (effect === 'read' ? { decision: 'allow' } : gate())
  const steps = new Steps({
    store,
    turn: stored,
    gate: decide,
    seekApproval: unapproved,
    signal: abort.signal,
    stop,
  })
  const text = 'restart the api'
  const turn: Turn = {
    ...stored,
    message: {
      channel: 'whatsapp',
      id: stored.messageId,
      from: addressOfPerson(ALICE),
      to: addressOfPerson(US),
      text,
      media: [],
      files: [],
      content: { kind: 'text', text },
      pieces: [{ id: stored.messageId, text, media: [], files: [], content: { kind: 'text', text }, edited: false }],
      missing: 0,
      thread: 'thread',
    },
    conversation: [],
    facts: {
      isGroup: false,
      group: null,
      mentioned: false,
      mentionsAll: false,
      claimed: { forwarded: false, forwardingScore: 0 },
      senderName: null,
      quoted: null,
    },
    gate: decide,
    step: (call, execute) => steps.take(call, execute),
    signal: abort.signal,
  }
  const said: unknown[] = []
  const run = async (): Promise<unknown[]> => {
    for await (const reply of runAgent(agent, turn)) said.push(reply)
    return said
  }
  return Promise.race([run(), stopped])
}

const ALLOW = (): GateDecision => ({ decision: 'allow' })

describe('a call that is refused', () => {
  it.each<[GateDecision, string]>([
    [{ decision: 'deny', reason: 'nothing goes today' }, 'nothing goes today'],
    [{ decision: 'approval_required', reason: 'a person must agree' }, 'nobody approves anything'],
  ])('is not made, and the model is told why: %j', async (decision, reason) => {
    await using opened = await linkedStore()
    await using endpoint = await modelEndpoint(calls(RESTART, STATUS), says('Not done.'))
    await matched(opened.store, textFrom(ALICE, 'restart the api'))
    const said = await attemptAt(opened.store, agentAt(endpoint).agent, () => decision)
    expect(said).toEqual(['Not done.'])
    const [refusal, status] = toolWords(endpoint)
    expect(refusal).toContain(reason)
    expect([refusal, status].join()).not.toContain('restarted')
    expect(status).toContain('api: up')
  })
})

describe('a call that takes an approval', () => {
  it('is made once somebody has approved it, and the model is not asked again about what came before', async () => {
    await using opened = await boundTo(await linkedStore())
    await using endpoint = await modelEndpoint(calls(RESTART), says('Restarted.'))
    const { agent } = agentAt(endpoint)
    await using desk = await approvalDesk(opened.store, [], { agent: turn => runAgent(agent, turn) })
    await desk.receive(textFrom(ALICE, 'restart the api'))
    await desk.line('turn waits')
    expect(endpoint.asked).toHaveLength(1)
    await desk.receive(reactionOf(APPROVER, '👍', (await lastQuestion(opened.store, APPROVER.phone)).stanzaId))
    await desk.line('turn ended')
    expect(endpoint.asked).toHaveLength(2)
    expect(toolWords(endpoint)).toEqual(['api: restarted'])
    expect((await saidTo(opened.store, ALICE.phone)).at(-1)?.text).toBe('Restarted.')
  })
})

describe('another attempt', () => {
  it('takes the course of the one before, and asks the model nothing that it was asked', async () => {
    await using opened = await linkedStore()
    await using endpoint = await modelEndpoint(calls(STATUS, RESTART), refuses(400), says('Restarted.'))
    await matched(opened.store, textFrom(ALICE, 'restart the api'))
    const { agent } = agentAt(endpoint)
    expect(await attemptAt(opened.store, agent, ALLOW)).toMatchObject({ outcome: 'failed', code: 'step_failed' })
    expect(await attemptAt(opened.store, agent, () => ({ decision: 'deny', reason: 'not any more' }))).toEqual([
      'Restarted.',
    ])
    expect(endpoint.asked).toHaveLength(3)
    expect(endpoint.asked[2]?.body.messages).toEqual(endpoint.asked[1]?.body.messages)
    expect(toolWords(endpoint)).toEqual([expect.stringContaining('api: up'), 'api: restarted'])
    expect(await attemptAt(opened.store, agent, ALLOW)).toEqual(['Restarted.'])
    expect(endpoint.asked).toHaveLength(3)
  })

  it('asks anew where a tool has another result than before', async () => {
    await using opened = await linkedStore()
    await using endpoint = await modelEndpoint(calls(RESTART), says('It may not be done.'), says('Restarted.'))
    await matched(opened.store, textFrom(ALICE, 'restart the api'))
    const { agent } = agentAt(endpoint)
    const deny = (): GateDecision => ({ decision: 'deny', reason: 'not yet' })
    expect(await attemptAt(opened.store, agent, deny)).toEqual(['It may not be done.'])
    expect(await attemptAt(opened.store, agent, ALLOW)).toEqual(['Restarted.'])
    expect(toolWords(endpoint)).toEqual(['api: restarted'])
    expect(endpoint.asked).toHaveLength(3)
  })

  it('takes the same course though what was said before has been edited meanwhile', async () => {
    await using opened = await linkedStore()
    await using endpoint = await modelEndpoint(calls(STATUS), hangs())
    const { agent } = agentAt(endpoint)
    const earlier = textFrom(ALICE, 'helo')
    const first = await stagesOn(opened.store, {
      bindings: [{ rule: { text_regex: '\\?' } }],
      run: turn => runAgent(agent, turn),
    })
    await first.receive(earlier, textFrom(ALICE, 'well?'))
    await expect.poll(() => endpoint.asked).toHaveLength(2)
    await first.receive(textFrom(ALICE, 'hello', { edits: earlier.stanzaId }))
    await first[Symbol.asyncDispose]()

    endpoint.next(says('All is up.'))
    await using again = await opened.reopened()
    await using second = await stagesOn(again.store, { run: turn => runAgent(agent, turn) })
    await second.line('turn ended')
    expect(second.toldAt('well?')).toEqual(['person: hello'])
    expect(toolWords(endpoint)).toEqual([expect.stringContaining('api: up')])
    expect(endpoint.asked).toHaveLength(3)
    await expect.poll(() => second.gateway.texts).toEqual(['All is up.'])
  })
})
