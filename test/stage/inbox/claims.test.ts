import { describe, expect, it } from 'vitest'

import { claimed } from '../../../plugin/contract/claimed.ts'
import type { InboundMessage } from '../../../plugin/contract/message.ts'
import { MessageFeed } from '../../../plugin/history/message-feed.ts'
import { alone } from '../../support/alone.ts'
import { stagesOn } from '../../support/stages.ts'
import { ALICE, given, GROUP, linkedStore, ORG, textFrom } from '../../support/store.ts'
import { outcomes } from '../../support/turns.ts'

const inGroup = (text: string, more: Partial<InboundMessage> = {}): InboundMessage =>
  textFrom(ALICE, text, { chat: GROUP, ...more })
const FORWARDED = { forwarded: claimed({ score: 3 }) }

describe('what is forwarded, as its sender says', () => {
  it('is told to the agent beside the facts, in its conversation, and by the API', async () => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [{ rule: { text_regex: '^(ask|own)$' } }] })
    await stages.receive(
      textFrom(ALICE, 'a tale', FORWARDED),
      textFrom(ALICE, 'ask', FORWARDED),
      textFrom(ALICE, 'own'),
    )
    await stages.line('turn ended', 2)
    const [ask, own] = ['ask', 'own'].map(text => given(stages.seen.find(({ message }) => message.text === text)))
    expect(ask?.facts.claimed).toEqual({ forwarded: true, forwardingScore: 3 })
    expect(own?.facts.claimed).toEqual({ forwarded: false, forwardingScore: 0 })
    expect(ask?.conversation).toMatchObject([{ text: 'a tale', forwarded: true }])
    const { messages: listed } = await new MessageFeed(opened.store, alone).list(ORG, {
      account: null,
      limit: 10,
      before: null,
    })
    expect(listed.find(({ text }) => text === 'ask')?.claimed).toEqual({ forwarded: true, forwarding_score: 3 })
    expect(listed.find(({ text }) => text === 'own')?.claimed).toEqual({ forwarded: false, forwarding_score: 0 })
  })

  it('is taken by a rule that asks for it, and what is not goes on to the next', async () => {
    await using opened = await linkedStore()
    const bindings = [{ rule: { forwarded: true as const }, agent: 'sorter' }, { rule: { text_regex: '^own' } }]
    await using stages = await stagesOn(opened.store, { bindings })
    await stages.receive(
      textFrom(ALICE, 'a tale', FORWARDED),
      textFrom(ALICE, 'a tale in a group', { chat: GROUP, forwarded: claimed({ score: 0 }) }),
      textFrom(ALICE, 'own'),
      textFrom(ALICE, 'neither', { forwarded: null }),
    )
    await stages.line('turn ended', 3)
    const by = Object.fromEntries(stages.seen.map(({ agent, message }) => [message.text, agent]))
    expect(by).toEqual({ 'a tale': 'sorter', 'a tale in a group': 'sorter', own: 'echo' })
    expect(await outcomes(opened.store)).toContain('neither → unmatched: no_binding')
  })
})

describe('a mention of all who are in a group', () => {
  it.each([
    [false, false, 'unmatched: no_binding'],
    [true, true, 'matched'],
  ])('is one of the number only by the setting: %s', async (counts, mentioned, outcome) => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [{ rule: { mentioned: true } }] })
    stages.settings.mentionAllCounts = counts
    await stages.receive(
      inGroup('all of you', { mentionsAll: true }),
      inGroup('you', { mentioned: true }),
      inGroup('nobody'),
    )
    await stages.line('turn ended', counts ? 2 : 1)
    const { messages: listed } = await new MessageFeed(opened.store, alone).list(ORG, {
      account: null,
      limit: 10,
      before: null,
    })
    const of = (wanted: string) =>
      given(listed.find(({ text, direction }) => text === wanted && direction === 'inbound'))
    expect(of('all of you')).toMatchObject({ mentioned, mentions_all: true })
    expect(of('all of you').outcome.replace('answered', 'matched')).toBe(outcome)
    expect(of('you')).toMatchObject({ mentioned: true, mentions_all: false })
    expect(of('nobody')).toMatchObject({ mentioned: false, mentions_all: false, outcome: 'unmatched: no_binding' })
    expect(given(stages.seen.find(({ message }) => message.text === 'you')).facts).toMatchObject({ mentionsAll: false })
  })
})
