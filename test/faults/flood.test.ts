import { describe, expect, it } from 'vitest'

import { DEFAULT_INBOUND_LIMITS } from '../../plugin/config/inbound-limits.ts'
import type { Chat, Person } from '../../plugin/contract/ids.ts'
import type { InboundMessage } from '../../plugin/contract/message.ts'
import { Explanations } from '../../plugin/routing/explain-message.ts'
import type { Store } from '../../plugin/store/database.ts'
import { listMessages, textOfStored, type StoredMessage } from '../../plugin/store/messages/messages.ts'
import { echo } from '../support/host.ts'
import { inboxOf } from '../support/inbox.ts'
import {
  ACCOUNT,
  ALICE,
  BOB,
  byLid,
  direct,
  given,
  GROUP,
  linkedStore,
  ORG,
  OUR_NUMBER,
  person,
  textFrom,
} from '../support/store.ts'
import { running } from '../support/turns.ts'
import { patternsInPlace } from '../support/job-runner.ts'

const NOON = Date.UTC(2026, 0, 2, 12)
const OVER = 'unmatched: rate_limited'
const at = (seconds: number): Pick<InboundMessage, 'sentAt'> => ({ sentAt: NOON + Math.floor(seconds) * 1_000 })
const stranger = (number: number): Person => person(`5${100_000_000 + number}`, `97254${1_000_000 + number}`)

const numbered = (count: number, say: (number: number) => InboundMessage): InboundMessage[] =>
  Array.from({ length: count }, (_, number) => say(number))

/** An inbox with the budgets that hold without settings. */
async function withBudgets(store: Store, rule: object = {}) {
  const into = await inboxOf(store, rule)
  into.inForce.budgets = DEFAULT_INBOUND_LIMITS
  const receive = async (...messages: InboundMessage[]): Promise<void> => {
    into.gateway.receive(...messages)
    await into.inbox.wake(ACCOUNT, into.gateway.journal.length)
  }
  return { ...into, receive }
}

const kept = (store: Store): Promise<StoredMessage[]> =>
  listMessages(store.connection, ORG, { after: 0, limit: 10_000 })

/** What was written by those whose messages became this, in the order in which they came. */
const textsOf = async (store: Store, outcome: string): Promise<string[]> =>
  (await kept(store)).filter(message => message.outcome === outcome).map(textOfStored)

/** What agents are asked about. */
const taken = (store: Store): Promise<string[]> => textsOf(store, 'matched')

describe('F61: one person who writes fifty messages a second', () => {
  it('is answered twenty times a minute; all of it is kept, and everybody else is answered', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const { receive } = await withBudgets(store)
    const minute = Array.from({ length: 60 }, (_, second) => [
      ...numbered(50, n => textFrom(ALICE, `flood ${second}/${n}`, at(second))),
      textFrom(stranger(second % 20), `please ${second}`, at(second)),
    ])
    await receive(...minute.flat(), textFrom(ALICE, 'sorry', at(60)))
    expect((await kept(store)).length).toBe(60 * 51 + 1)
    expect(await textsOf(store, OVER)).toHaveLength(60 * 50 - 20)
    const flooded = Array.from({ length: 20 }, (_, n) => `flood 0/${n}`)
    const others = Array.from({ length: 60 }, (_, second) => `please ${second}`)
    expect(await taken(store)).toEqual([...flooded, ...others, 'sorry'])

    await using turns = await running(store, echo)
    await turns.line('turn ended', 81)
    expect(turns.said.map(({ text }) => text).toSorted()).toEqual([...flooded, ...others, 'sorry'].toSorted())
    expect(await textsOf(store, 'answered')).toHaveLength(81)
  })

  it('is the same person by the number and by the LID', async () => {
    await using opened = await linkedStore()
    const { receive } = await withBudgets(opened.store)
    await receive(textFrom(ALICE, 'first', at(0)))
    const faces = [byLid(ALICE), ALICE]
    await receive(...numbered(30, n => textFrom(given(faces[n % 2]), `more ${n}`, at(1))))
    expect(await taken(opened.store)).toHaveLength(20)
  })

  it('does not get another budget by a restart of the host', async () => {
    await using opened = await linkedStore()
    const first = await withBudgets(opened.store)
    await first.receive(...numbered(15, n => textFrom(ALICE, `before ${n}`, at(n))))
    await first.inbox.close()
    await using again = await opened.reopened()
    const { receive } = await withBudgets(again.store)
    await receive(...numbered(14, n => textFrom(ALICE, `after ${n}`, at(15 + n))))
    expect((await taken(again.store)).slice(15)).toEqual(['after 0', 'after 1', 'after 2', 'after 3', 'after 4'])
  })

  it('uses up nothing by what no binding takes', async () => {
    await using opened = await linkedStore()
    const { receive } = await withBudgets(opened.store, { text_regex: 'bot' })
    await receive(...numbered(100, n => textFrom(ALICE, `chatter ${n}`, at(n / 10))))
    await receive(textFrom(ALICE, 'bot, are you there?', at(10)))
    expect(await taken(opened.store)).toEqual(['bot, are you there?'])
    expect(await textsOf(opened.store, 'unmatched: no_binding')).toHaveLength(100)
  })
})

describe('F61: five hundred strangers', () => {
  it('who write once each are answered but for a third of what the account has answers for, also when they go on', async () => {
    await using opened = await linkedStore()
    const { receive } = await withBudgets(opened.store)
    await receive(...numbered(500, n => textFrom(stranger(n), `hello ${n}`, at(n / 50))))
    expect(await taken(opened.store)).toHaveLength(400)
    await receive(...numbered(500, n => textFrom(stranger(n), `again ${n}`, at(10 + n / 50))))
    expect(await taken(opened.store)).toHaveLength(400)
    expect(await textsOf(opened.store, OVER)).toHaveLength(600)
    await receive(textFrom(BOB, 'a minute later', at(100)))
    expect((await taken(opened.store)).at(-1)).toBe('a minute later')
  })

  it('leave the last third to those who wrote at least a day before, and to no others', async () => {
    await using opened = await linkedStore()
    const { receive } = await withBudgets(opened.store)
    const regular = (n: number): Person => stranger(1_000 + n)
    await receive(...numbered(11, n => textFrom(regular(n), `yesterday ${n}`, at(-86_400))))
    await receive(textFrom(BOB, 'less than a day before', at(-86_000)))
    await receive(...numbered(600, n => textFrom(stranger(n % 30), `flood ${n}`, at(0))))
    await receive(textFrom(BOB, 'I, too', at(1)))
    const mine = numbered(220, n => textFrom(regular(n % 11), `mine ${n}`, at(1)))
    await receive(...mine)
    const answered = await taken(opened.store)
    expect(answered.filter(text => text.startsWith('flood'))).toHaveLength(400)
    expect(answered.filter(text => text.startsWith('mine'))).toHaveLength(200)
    expect(answered).not.toContain('I, too')
  })
})

describe('F61: a group of a thousand', () => {
  it('is answered sixty times a minute, and whoever of it writes elsewhere every time', async () => {
    await using opened = await linkedStore()
    const { receive } = await withBudgets(opened.store)
    await receive(...numbered(1_000, n => textFrom(stranger(n), `member ${n}`, { chat: GROUP, ...at(n / 50) })))
    await receive(textFrom(BOB, 'and I?', at(20)))
    await receive(textFrom(stranger(999), 'directly', { chat: direct(stranger(999)), ...at(21) }))
    const members = Array.from({ length: 60 }, (_, n) => `member ${n}`)
    expect(await taken(opened.store)).toEqual([...members, 'and I?', 'directly'])
    expect(await textsOf(opened.store, OVER)).toHaveLength(940)
  })
})

describe('what waited while the host was away', () => {
  it('is answered in full when it was written over a while, however fast it comes', async () => {
    await using opened = await linkedStore()
    const { receive } = await withBudgets(opened.store)
    await receive(...numbered(500, n => textFrom(ALICE, `hour ${n}`, at(n * 4))))
    expect(await taken(opened.store)).toHaveLength(500)
  })

  it('is judged by when it was written, also where a flood comes before it or after', async () => {
    await using opened = await linkedStore()
    const { receive } = await withBudgets(opened.store)
    await receive(...numbered(25, n => textFrom(ALICE, `now ${n}`, at(3_600))))
    await receive(textFrom(ALICE, 'an hour ago', at(0)), textFrom(ALICE, 'an hour later', at(7_200)))
    expect((await taken(opened.store)).slice(20)).toEqual(['an hour ago', 'an hour later'])
  })

  it('for somebody to be shown the link is judged by it as well', async () => {
    await using opened = await linkedStore()
    await opened.store.connection.deleteFrom('confirmations').execute()
    const { inbox, receive } = await withBudgets(opened.store)
    await receive(...numbered(30, n => textFrom(ALICE, `${n}`, at(0))))
    expect(await textsOf(opened.store, 'unmatched: link_unconfirmed')).toHaveLength(30)
    await inbox.confirmLink(ACCOUNT, OUR_NUMBER)
    expect(await taken(opened.store)).toHaveLength(20)
    expect(await textsOf(opened.store, OVER)).toHaveLength(10)
  })
})

describe('what was too much', () => {
  it('says so in its trace, fits its binding, and is answered when a person asks for it', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const { inbox, lines, receive } = await withBudgets(store)
    await receive(...numbered(22, n => textFrom(ALICE, `line ${n}`, at(0))))
    expect(lines.filter(({ fields }) => fields['reason'] === 'rate_limited')).toHaveLength(2)
    const { id } = given((await kept(store)).find(({ outcome }) => outcome === OVER))
    const explanations = new Explanations({ store, alsoAnswered: () => new Set(), patterns: patternsInPlace })
    expect(await explanations.trace(ORG, id)).toMatchObject({
      outcome: 'unmatched',
      reason: 'rate_limited',
      binding_id: null,
      bindings: [{ verdict: 'holds' }],
    })
    expect(await explanations.of(ORG, { message_id: id })).toMatchObject({ outcome: 'matched' })

    expect(await inbox.replay(ORG, id)).toMatchObject({ outcome: 'matched' })
    expect(await explanations.trace(ORG, id)).toMatchObject({ outcome: 'matched', reason: null })
    await using turns = await running(store, echo)
    await turns.line('turn ended', 21)
    expect(turns.said.map(({ text }) => text)).toContain('line 20')
    expect(await textsOf(store, OVER)).toEqual(['line 21'])
  })

  it('is what the settings say, from the next message on', async () => {
    await using opened = await linkedStore()
    const { inForce, receive } = await withBudgets(opened.store)
    const four = (second: number, chat?: Chat) =>
      numbered(4, n => textFrom(ALICE, `${second}/${n}`, { ...at(second), ...(chat && { chat }) }))
    inForce.budgets = { perSender: 2, perChat: 3, perAccount: null }
    await receive(...four(0))
    inForce.budgets = { perSender: null, perChat: 3, perAccount: null }
    await receive(...four(1, GROUP), ...four(2))
    inForce.budgets = { perSender: null, perChat: null, perAccount: 15 }
    await receive(...four(3))
    expect(await taken(opened.store)).toEqual('0/0 0/1 1/0 1/1 1/2 2/0 2/1 2/2 2/3 3/0'.split(' '))
  })
})
