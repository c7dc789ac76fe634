import { describe, expect, it } from 'vitest'

import { claimed } from '../../../plugin/contract/claimed.ts'
import type { MatchRule } from '../../../plugin/contract/binding.ts'
import type { ConnectionState } from '../../../plugin/contract/connection.ts'
import type { MessageContent } from '../../../plugin/contract/content.ts'
import type { InboundMessage } from '../../../plugin/contract/message.ts'
import { nextDueAt } from '../../../plugin/store/turns/ready-turns.ts'
import { takeTurns } from '../../support/taken-turns.ts'
import { listMessages } from '../../../plugin/store/messages/messages.ts'
import { at, gatheringScene, picture, said } from '../../support/gathered.ts'
import { ACCOUNT, ALICE, BOB, GROUP, ORG, OUR_NUMBER, US, direct, given, textFrom } from '../../support/store.ts'

const UP: ConnectionState = { status: 'connected', phone: OUR_NUMBER, since: 0 }
const CONNECTING: ConnectionState = { status: 'connecting' }

/** An inbox that gathers what comes within 1.5 s. */
async function scene(...rules: MatchRule[]) {
  const here = await gatheringScene(...rules)
  here.inForce.gatherMs = 1_500
  return here
}

describe('what somebody says in pieces', () => {
  it.each<[string, InboundMessage[], string[]]>([
    ['three texts', [said('I', 0), said('need', 900), said('help', 2_300)], ['I + need + help']],
    ['pictures without an album', [picture('a', 0), picture('', 400), picture('c', 900)], ['a + media + c']],
    ['a text and a picture', [said('look', 0), picture('', 1_000)], ['look + media']],
    ['a place behind a text', [said('here', 0), said('', 800, { content: place() })], ['here + location']],
    ['what came late but was written at once', [said('I', 0), said('am', 700, at9s())], ['I + am']],
  ])('is one question: %s', async (_, messages, turns) => {
    await using here = await scene({})
    await here.receive(...messages)
    expect(await here.turns()).toEqual(turns)
    expect(new Set((await here.outcomes()).map(each => each.split(' → ')[1]))).toEqual(new Set(['matched']))
  })

  it.each<[string, InboundMessage[], string[]]>([
    ['further apart than that', [said('one', 0), said('two', 1_600)], ['one', 'two']],
    [
      'written an hour apart, though it comes at once',
      [said('one', -3_600_000, comes(0)), said('two', 0)],
      ['one', 'two'],
    ],
    ['a text that edits another', [said('one', 0), said('won', 500, { edits: 'STANZA0' })], ['one']],
    ['a button that was tapped', [said('one', 0), said('', 500, { content: tapped() })], ['one', 'Yes']],
    [
      'behind a button',
      [said('one', 0), said('', 300, { content: tapped() }), said('two', 600)],
      ['one', 'Yes', 'two'],
    ],
  ])('is a question of its own when it is %s', async (_, messages, turns) => {
    await using here = await scene({})
    await here.receive(...messages)
    expect(await here.turns()).toEqual(turns)
  })

  it('is asked about 10 s after its first word at the latest', async () => {
    await using here = await scene({})
    await here.receive(...Array.from({ length: 9 }, (_, n) => said(`${n}`, n * 1_400)))
    expect(await here.turns()).toEqual(['0 + 1 + 2 + 3 + 4 + 5 + 6 + 7', '8'])
  })

  it('is at most 20 pieces', async () => {
    await using here = await scene({})
    await here.receive(...Array.from({ length: 23 }, (_, n) => said(`${n}`, n * 100)))
    const turns = await here.turns()
    expect(turns.map(each => each.split(' + ').length)).toEqual([20, 3])
  })

  it('waits for more as long as more may come, and begins when nothing did', async () => {
    await using here = await scene({})
    const before = Date.now()
    await here.receive(said('I', 0))
    const due = given(await nextDueAt(here.store.connection, before))
    expect(due).toBeGreaterThanOrEqual(before + 1_500)
    expect(due).toBeLessThanOrEqual(Date.now() + 1_500)
    const taken = (now: number) => here.store.transaction(trx => takeTurns(trx, 10, now))
    expect(await taken(due - 1)).toEqual([])
    expect(await taken(due)).toMatchObject([{ pieces: 1, gatherWaitMs: expect.closeTo(1_500, -2) }])
  })

  it('goes to the turn that was not begun, and what comes behind that is a question of its own', async () => {
    await using here = await scene({})
    await here.receive(said('one', 0))
    await here.store.transaction(trx => takeTurns(trx, 10, Date.now() + 2_000))
    await here.receive(said('two', 900), said('three', 1_400))
    expect(await here.turns()).toEqual(['one', 'two + three'])
  })

  it('is kept apart by who says it, though others speak in between', async () => {
    await using here = await scene({})
    const in_group = (text: string, ms: number, sender = ALICE) => textFrom(sender, text, { ...at(ms), chat: GROUP })
    await here.receive(in_group('I', 0), in_group('yo', 300, BOB), in_group('need', 700), in_group('what', 900, BOB))
    expect(await here.turns()).toEqual(['I + need', 'yo + what'])
  })

  it('is kept apart by the chat', async () => {
    await using here = await scene({})
    await here.receive(said('here', 0), said('there', 200, { chat: GROUP }), said('again', 400))
    expect(await here.turns()).toEqual(['here + again', 'there'])
  })

  it('is kept apart by the binding that takes it', async () => {
    await using here = await scene({ text_regex: '^!' }, {})
    await here.receive(said('hello', 0), said('!status', 300), said('there', 600))
    expect(await here.turns()).toEqual(['hello', '!status', 'there'])
  })

  it('leaves out what no binding takes, each piece with its own outcome', async () => {
    await using here = await scene({ text_regex: 'x' })
    await here.receive(said('ax', 0), said('b', 300), said('cx', 600))
    expect(await here.turns()).toEqual(['ax + cx'])
    expect(await here.outcomes()).toEqual(['ax → matched', 'b → unmatched: no_binding', 'cx → matched'])
  })

  it('is never put together with the word that restarts a conversation, nor across it', async () => {
    await using here = await scene({})
    here.settings.resetTrigger = '/new'
    await here.receive(said('one', 0), said('/new', 300), said('two', 600))
    expect(await here.turns()).toEqual(['one', 'two'])
    expect((await here.outcomes())[1]).toBe('/new → reset')
  })

  it('is never put together with a word that decides about an approval', async () => {
    await using here = await scene({})
    here.inForce.decides = true
    const yes = said('yes', 300, { quoted: claimed({ stanzaId: 'ASKED', sender: US, text: 'may it?' }) })
    await here.receive(said('one', 0), yes, said('two', 600))
    expect(await here.turns()).toEqual(['one + two'])
    expect((await here.outcomes())[1]).toBe('yes → ignored: approval')
  })

  it('counts once where a budget is asked, and is not broken off by it', async () => {
    await using here = await scene({})
    here.inForce.budgets = { perSender: 1, perChat: null, perAccount: null }
    await here.receive(said('one', 0), said('two', 300), said('three', 600), said('later', 8_000))
    expect(await here.turns()).toEqual(['one + two + three'])
    expect((await here.outcomes()).at(-1)).toBe('later → unmatched: rate_limited')
  })

  it('counts once where a loop is looked for', async () => {
    await using here = await scene({})
    here.inForce.loops = { loop_quick_turns: 1_000, loop_same_text: 4, loop_turns_per_hour: 4 }
    const twice = (n: number) => [said('again', n * 20_000), said('again', n * 20_000 + 300)]
    await here.receive(...[0, 1, 2].flatMap(twice))
    expect(await here.turns()).toEqual(['again + again', 'again + again', 'again + again'])
    await here.receive(...twice(3))
    expect((await here.outcomes()).slice(-2)).toEqual(Array(2).fill('again → unmatched: loop_suspected'))
  })

  it('is each a question of its own where nothing is gathered', async () => {
    await using here = await scene({})
    here.inForce.gatherMs = 0
    await here.receive(said('one', 0), said('two', 100))
    expect(await here.turns()).toEqual(['one', 'two'])
    expect(await nextDueAt(here.store.connection, Date.now())).toBeNull()
  })
})

describe('a piece that is taken back before its turn begins', () => {
  const three = () => [said('one', 0), said('two', 300), said('three', 600)]
  const takesBack = (target: InboundMessage) => said('', 900, { content: { kind: 'revoke', target: target.stanzaId } })

  it.each([
    [0, 'two + three'],
    [1, 'one + three'],
    [2, 'one + two'],
  ])('is left out, number %i of three', async (which, left) => {
    await using here = await scene({})
    const pieces = three()
    await here.receive(...pieces, takesBack(given(pieces[which])))
    expect(await here.turns()).toEqual([left])
    const after = (await here.outcomes()).map(each => each.split(' → ')[1])
    expect(after.filter(each => each === 'ignored: revoked')).toHaveLength(1)
    await here.receive(said('four', 1_200))
    expect(await here.turns()).toEqual([`${left} + four`])
  })

  it('ends the turn when it was the last one left', async () => {
    await using here = await scene({})
    const pieces = three()
    await here.receive(...pieces, ...pieces.map(takesBack))
    expect(await here.turns()).toEqual([])
  })

  it('is the same person’s alone to take back', async () => {
    await using here = await scene({})
    const [one, two] = [said('one', 0, { chat: GROUP }), said('two', 300, { chat: GROUP })]
    await here.receive(one, two, { ...takesBack(one), chat: GROUP, sender: BOB })
    expect(await here.turns()).toEqual(['one + two'])
  })
})

describe('a person who takes over a chat in which something is gathered', () => {
  const owner = (text: string, ms: number) => said(text, ms, { sender: US, fromMe: true, chat: direct(ALICE) })

  it('has all of it, and its agent is asked about all of it at once when a person asks', async () => {
    await using here = await scene({})
    await here.receive(said('one', 0), said('two', 900), owner('mine', 4_000), said('three', 4_500))
    expect(await here.turns()).toEqual([])
    expect(await here.outcomes()).toEqual([
      'one → unmatched: human_takeover',
      'two → unmatched: human_takeover',
      'mine → ignored: own',
      'three → unmatched: human_takeover',
    ])
    const two = given((await listMessages(here.store.connection, ORG, { after: 0, limit: 2 }))[1])
    await here.inbox.replay(ORG, two.id)
    expect(await here.turns()).toEqual(['one + two'])
    expect((await here.outcomes()).slice(0, 2)).toEqual(['one → matched', 'two → matched'])
  })
})

describe('the line that goes while something is gathered', () => {
  it.each(['the gateway', 'the line'])('keeps its turn waiting for the rest: %s', async what => {
    await using here = await scene({})
    here.inbox.observe(ACCOUNT, UP)
    await here.inbox.caughtUp(ACCOUNT, here.gateway.journal.length)
    await here.receive(said('I', 0))
    if (what === 'the gateway') here.inbox.gatewayDown()
    else here.inbox.observe(ACCOUNT, CONNECTING)
    const later = Date.now() + 60_000
    const begun = () => here.begun(later)
    expect(await begun()).toEqual([])
    await here.receive(said('need', 700, { ...at9s(), waited: true }))
    expect(await begun()).toEqual([])
    here.inbox.observe(ACCOUNT, UP)
    await here.inbox.caughtUp(ACCOUNT, here.gateway.journal.length)
    expect(await begun()).toMatchObject([{ pieces: 2 }])
    expect(await here.turns()).toEqual(['I + need'])
  })
})

function place(): MessageContent {
  const where = { latitude: 1, longitude: 2, accuracyMetres: null, name: null, address: null }
  return { kind: 'location', place: where, live: false, comment: '' }
}

const tapped = (): MessageContent => ({ kind: 'choice', text: 'Yes', description: '', id: 'yes', answers: [] })

/** Written at once with what came 9 s earlier. */
const at9s = (): Partial<InboundMessage> => ({ sentAt: at(1_000).sentAt, receivedAt: at(9_000).receivedAt })

const comes = (ms: number): Partial<InboundMessage> => ({ receivedAt: at(ms).receivedAt })
