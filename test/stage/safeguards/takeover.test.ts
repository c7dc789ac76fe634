import { EventEmitter, once } from 'node:events'
import { describe, expect, it } from 'vitest'

import type { MessageContent } from '../../../plugin/contract/content.ts'
import type { InboundMessage } from '../../../plugin/contract/message.ts'
import { takeTurns } from '../../support/taken-turns.ts'
import { listMessages, textOfStored } from '../../../plugin/store/messages/messages.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { APPROVER, approvalDesk, boundTo, lastQuestion, reactionOf, type Calls } from '../../support/approval-desk.ts'
import { inboxOf } from '../../support/inbox.ts'
import { stagesOn } from '../../support/stages.ts'
import {
  ACCOUNT,
  ALICE,
  BOB,
  GROUP,
  ORG,
  OUR_NUMBER,
  US,
  byLid,
  byPhone,
  direct,
  given,
  linkedStore,
  textFrom,
} from '../../support/store.ts'
import type { Run } from '../../support/turns.ts'
import { outboxOf } from '../../support/unpaced-outbox.ts'

const NOON = Math.floor(Date.now() / 1_000) * 1_000 - 7_200_000
const MINUTE = 60_000
const at = (minutes: number, seconds = 0): number => NOON + minutes * MINUTE + seconds * 1_000

const asks = (text: string, sentAt: number, more: Partial<InboundMessage> = {}) =>
  textFrom(ALICE, text, { sentAt, ...more })
const owner = (text: string, sentAt: number, more: Partial<InboundMessage> = {}) =>
  textFrom(US, text, { fromMe: true, chat: direct(ALICE), sentAt, ...more })
const ownersContent = (content: MessageContent, sentAt: number, more: Partial<InboundMessage> = {}) =>
  owner('', sentAt, { content, ...more })

/** What became of each text that came in. */
async function outcomesIn(store: Store): Promise<Record<string, string>> {
  const messages = await listMessages(store.connection, ORG, { after: 0, limit: 1_000 })
  return Object.fromEntries(
    messages.filter(({ direction }) => direction === 'inbound').map(each => [textOfStored(each), each.outcome]),
  )
}

async function scene(run?: Parameters<typeof stagesOn>[1]) {
  const opened = await linkedStore()
  const stages = await stagesOn(opened.store, { bindings: [{}], ...run })
  return {
    ...stages,
    store: opened.store,
    outcomes: () => outcomesIn(opened.store),
    [Symbol.asyncDispose]: async () => {
      await stages[Symbol.asyncDispose]()
      await opened[Symbol.asyncDispose]()
    },
  }
}

describe('a chat in which the owner writes on the phone', () => {
  it('is theirs: the agent is silent, and goes on an hour after their last words, which it knows', async () => {
    await using here = await scene()
    await here.receive(asks('open today?', at(0)))
    await here.line('turn ended')
    await here.receive(owner('yes, until six', at(1)), asks('and tomorrow?', at(2)), owner('no', at(10)))
    await here.receive(asks('pity', at(69, 59)), asks('still there?', at(70)))
    await here.line('turn ended', 2)
    expect(await here.outcomes()).toEqual({
      'open today?': 'answered',
      'yes, until six': 'ignored: own',
      'and tomorrow?': 'unmatched: human_takeover',
      no: 'ignored: own',
      pity: 'unmatched: human_takeover',
      'still there?': 'answered',
    })
    expect(here.toldAt('still there?')).toEqual([
      'person: open today?',
      'agent: re: open today?',
      'owner: yes, until six',
      'person: and tomorrow?',
      'owner: no',
      'person: pity',
    ])
  })

  it('goes on as soon as the owner hands it back there, or from the chat with oneself, by a word that no agent sees', async () => {
    await using here = await scene()
    await here.receive(owner('hello', at(0)), asks('first', at(1)), owner(' /Agent ', at(2)), asks('second', at(2)))
    await here.line('turn ended')
    await here.receive(owner('again', at(3)), asks('third', at(4)))
    await here.receive(owner(`/agent ${ALICE.phone}`, at(5), { chat: direct(US) }), asks('fourth', at(6)))
    await here.line('turn ended', 2)
    expect(await here.outcomes()).toMatchObject({
      first: 'unmatched: human_takeover',
      ' /Agent ': 'ignored: resume',
      second: 'answered',
      third: 'unmatched: human_takeover',
      [`/agent ${ALICE.phone}`]: 'ignored: resume',
      fourth: 'answered',
    })
    expect(here.toldAt('fourth').join('\n')).not.toContain('gent ')
  })

  it('is not taken over again by older words of the owner that come late', async () => {
    await using here = await scene()
    await here.receive(owner('hello', at(0)), owner('/agent', at(5)), owner('late', at(4)), asks('question', at(6)))
    await here.line('turn ended')
    expect(await here.outcomes()).toMatchObject({ question: 'answered' })
  })

  it('has its older question unanswered also when the owner’s words come first, or when all of it is past', async () => {
    await using here = await scene()
    await here.receive(owner('done', at(1)), asks('old question', at(0)), asks('new one', at(62)))
    await here.line('turn ended')
    expect(await here.outcomes()).toMatchObject({ 'old question': 'unmatched: human_takeover', 'new one': 'answered' })
  })

  it('stays theirs when two addresses turn out to be one person', async () => {
    await using here = await scene()
    await here.receive(owner('hello', at(0), { chat: direct(byPhone(ALICE)) }))
    await here.receive(asks('by the other address', at(1), { sender: byLid(ALICE), chat: direct(byLid(ALICE)) }))
    await here.line('turn ended')
    await here.receive(asks('by both', at(2)))
    expect(await here.outcomes()).toMatchObject({
      'by the other address': 'answered',
      'by both': 'unmatched: human_takeover',
    })
  })

  it('is answered about what was kept from the agent when a person asks for it', async () => {
    await using here = await scene()
    await here.receive(owner('hello', at(0)), asks('question', at(1)))
    const [, question] = await listMessages(here.store.connection, ORG, { after: 0, limit: 10 })
    await here.inbox.replay(ORG, given(question).id)
    here.turns.wake()
    await here.line('turn ended')
    expect(await here.outcomes()).toMatchObject({ question: 'answered' })
  })
})

/** An agent that says one thing, and another when it is told to. */
function inTwo() {
  const bell = new EventEmitter()
  const begun = once(bell, 'begun')
  const run: Run = async function* answers({ message, attempt }) {
    const goesOn = once(bell, 'go on')
    yield `re: ${message.text}`
    bell.emit('begun')
    if (attempt === 1) await goesOn
    yield `more: ${message.text}`
  }
  return { run, begun, goOn: () => void bell.emit('go on') }
}

const repliesIn = async (store: Store): Promise<string[]> =>
  (await listMessages(store.connection, ORG, { after: 0, limit: 100 }))
    .filter(({ direction }) => direction === 'outbound')
    .map(each => `${textOfStored(each)}: ${each.outcome}`)

describe('what was under way when the owner writes', () => {
  it('is taken back: the turn that runs says no more, what waits is not run, and what was not sent is not sent', async () => {
    const agent = inTwo()
    await using here = await scene({ run: agent.run })
    here.outbox.disconnected(ACCOUNT)
    await here.receive(asks('one', at(0)), asks('two', at(0, 1)))
    await agent.begun
    await here.receive(owner('mine', at(1)))
    agent.goOn()
    await here.line('turn taken back')
    await here.outbox.connected(ACCOUNT, OUR_NUMBER)
    expect(await here.outcomes()).toMatchObject({ one: 'unmatched: human_takeover', two: 'unmatched: human_takeover' })
    expect(await repliesIn(here.store)).toEqual(['re: one: cancelled'])
    expect(here.gateway.texts).toEqual([])
  })

  it('says what was taken back after all when a person has it asked about', async () => {
    await using here = await scene()
    here.outbox.disconnected(ACCOUNT)
    await here.receive(asks('one', at(0)))
    await here.line('turn ended')
    await here.receive(owner('mine', at(1)))
    const [one] = await listMessages(here.store.connection, ORG, { after: 0, limit: 1 })
    await here.inbox.replay(ORG, given(one).id)
    here.turns.wake()
    await here.line('turn ended', 2)
    await here.outbox.connected(ACCOUNT, OUR_NUMBER)
    await here.outboxLine('send settled')
    expect(await repliesIn(here.store)).toEqual(['re: one: cancelled', 're: one: sent'])
    expect(here.gateway.texts).toEqual(['re: one'])
  })

  it('says nothing more even before the turn that runs has learned of it', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway, committed } = await inboxOf(opened.store, {})
    await using out = outboxOf(opened.store, { gateway })
    gateway.receive(asks('one', at(0)))
    await inbox.wake(ACCOUNT)
    const [turn] = await opened.store.transaction(trx => takeTurns(trx, 1, Date.now()))
    gateway.receive(owner('mine', at(1)))
    await inbox.wake(ACCOUNT)
    expect(committed.at(-1)?.takenBack.running).toEqual([given(turn).id])
    const reply = { turn: given(turn), index: 0, wording: { text: 'late' } }
    expect(await out.sending.reply(reply)).toBe('taken_back')
    expect(await repliesIn(opened.store)).toEqual([])
  })

  it('waits for no approval any more: who is asked learns that it lapsed, and no tool is called', async () => {
    await using opened = await boundTo(await linkedStore())
    const calls: Calls = []
    await using desk = await approvalDesk(opened.store, calls)
    await desk.receive(asks('restart billing', at(0)))
    await desk.line('turn waits')
    await desk.receive(owner('I do it', at(1)))
    const [approval] = await desk.approvals.list(ORG, { status: 'expired', limit: 10, before: null })
    const decision = { approved: true, note: null, by: 'usr_1' }
    await expect(desk.approvals.decide(ORG, given(approval).id, decision)).rejects.toMatchObject({
      code: 'approval_decided',
    })
    await desk.receive(reactionOf(APPROVER, '👍', (await lastQuestion(opened.store, APPROVER.phone)).stanzaId))
    expect(await outcomesIn(opened.store)).toMatchObject({ 'restart billing': 'unmatched: human_takeover' })
    expect(calls).toEqual([])
  })

  it('goes on behind what it has said when a person has it asked about', async () => {
    const agent = inTwo()
    await using here = await scene({ run: agent.run })
    await here.receive(asks('one', at(0)))
    await agent.begun
    await here.outboxLine('send settled')
    await here.receive(owner('mine', at(1)))
    await here.line('turn taken back')
    const [one] = await listMessages(here.store.connection, ORG, { after: 0, limit: 1 })
    await here.inbox.replay(ORG, given(one).id)
    here.turns.wake()
    await here.line('turn ended')
    expect(await here.outcomes()).toMatchObject({ one: 'answered' })
    await here.outboxLine('send settled', 2)
    expect(here.gateway.texts).toEqual(['re: one', 'more: one'])
  })
})

describe('no takeover', () => {
  const OTHER_WORDS: Record<string, InboundMessage> = {
    'a reaction': ownersContent({ kind: 'reaction', emoji: '👍', target: 'X' } as MessageContent, at(1)),
    'a vote': ownersContent({ kind: 'poll_vote', target: 'X', options: [] } as unknown as MessageContent, at(1)),
    'a deletion': ownersContent({ kind: 'revoke', target: 'X' }, at(1)),
    'an edit of earlier words': owner('better', at(1), { edits: 'X' }),
    'a note to oneself': owner('remember', at(1), { chat: direct(US) }),
    'a text within two seconds of what came': owner('We are closed.', at(0, 2)),
    'words in a group, where the owner speaks beside the agent': owner('hi all', at(1), { chat: GROUP }),
    'words to somebody else': owner('hi Bob', at(1), { chat: direct(BOB) }),
  }

  it.each(Object.entries(OTHER_WORDS))('is %s', async (_, words) => {
    await using here = await scene()
    await here.receive(asks('before', at(0)), words, asks('after', at(2)))
    await here.line('turn ended', 2)
    expect(await here.outcomes()).toMatchObject({ before: 'answered', after: 'answered' })
  })

  it('is made at all when the settings say so; in groups too when they say so', async () => {
    await using here = await scene()
    const groups = { chat: GROUP }
    here.settings.humanTakeover = 'off'
    await here.receive(owner('hello', at(0)), owner('/agent', at(1)), asks('one', at(2)))
    here.settings.humanTakeover = 'all'
    await here.receive(owner('hello', at(3), groups), asks('two', at(4), groups))
    await here.line('turn ended')
    expect(await here.outcomes()).toMatchObject({
      '/agent': 'ignored: own',
      one: 'answered',
      two: 'unmatched: human_takeover',
    })
  })
})
