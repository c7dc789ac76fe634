import { describe, expect, it } from 'vitest'

import { Ingest } from '../../../plugin/inbox/ingest.ts'
import { claimed } from '../../../plugin/contract/claimed.ts'
import { ChannelError } from '../../../plugin/contract/errors/errors.ts'
import { parseOrgId } from '../../../plugin/contract/ids.ts'
import type { InboundMessage } from '../../../plugin/contract/message.ts'
import type { NumberedMessage } from '../../../plugin/contract/api/messages.ts'
import { MessageFeed } from '../../../plugin/history/message-feed.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { alone } from '../../support/alone.ts'
import { noRules } from '../../support/rules.ts'
import {
  ACCOUNT,
  ALICE,
  GROUP,
  ORG,
  OUR_NUMBER,
  US,
  byLid,
  direct,
  given,
  linkedStore,
  textFrom,
} from '../../support/store.ts'

/** Stores messages, and says so as the inbox does. */
async function receive(store: Store, history: MessageFeed, ...messages: InboundMessage[]): Promise<void> {
  await store.transaction(async trx => {
    const admission = new Ingest(trx, ACCOUNT, noRules)
    for (const message of messages) await admission.message(message)
  })
  history.wake(ORG)
}

const numbered = (from: number, to: number): InboundMessage[] =>
  Array.from({ length: to - from + 1 }, (_, at) => textFrom(ALICE, `${from + at}`))

async function take(watcher: AsyncIterator<NumberedMessage>, count: number): Promise<string[]> {
  const texts: string[] = []
  while (texts.length < count) {
    const { value, done } = await watcher.next()
    if (done) throw new Error(`it ended after ${texts.length}`)
    texts.push(`${value.seq}: ${value.message.text}`)
  }
  return texts
}

const watch = (history: MessageFeed, after: number | null, signal = new AbortController().signal) =>
  history.watch(ORG, after, signal)[Symbol.asyncIterator]()

describe('the history', () => {
  it('shows a message as the wire has it', async () => {
    await using opened = await linkedStore()
    const history = new MessageFeed(opened.store, alone)
    await receive(
      opened.store,
      history,
      textFrom(ALICE, 'hi', { chat: GROUP, senderName: 'Dana' }),
      textFrom(US, 'me', { fromMe: true, chat: direct(ALICE) }),
    )
    const {
      messages: [own, hi],
    } = await history.list(ORG, { account: null, limit: 10, before: null })
    const group = '120363000000000001@g.us'
    expect(hi).toEqual({
      id: expect.stringMatching(/^msg_[0-9A-Z]{26}$/) as string,
      account: 'default',
      direction: 'inbound',
      chat: group,
      from: ALICE.phone,
      sender_name: 'Dana',
      to: OUR_NUMBER,
      details: null,
      quoted: null,
      mentioned: false,
      mentions_all: false,
      claimed: { forwarded: false, forwarding_score: 0 },
      kind: 'text',
      text: 'hi',
      media: [],
      group,
      group_subject: null,
      binding_id: null,
      album: null,
      gathered_in: null,
      outcome: 'unmatched: no_binding',
      received_at: '2023-11-14T22:13:20.500Z',
    })
    expect(own).toMatchObject({ from: OUR_NUMBER, to: ALICE.phone, group: null, outcome: 'ignored: own' })
  })

  it('shows a person by their number as soon as it is known', async () => {
    await using opened = await linkedStore()
    const history = new MessageFeed(opened.store, alone)
    await receive(opened.store, history, textFrom(byLid(ALICE), 'hi'))
    expect(await history.list(ORG, { account: null, limit: 1, before: null })).toMatchObject({
      messages: [{ from: `lid:${ALICE.lid}` }],
      more: false,
    })
    await receive(opened.store, history, textFrom(ALICE, 'it is me'))
    expect(await history.list(ORG, { account: null, limit: 2, before: null })).toMatchObject({
      messages: [{ from: ALICE.phone }, { from: ALICE.phone }],
    })
  })

  it('is listed newest first, page by page, and of the own org alone', async () => {
    await using opened = await linkedStore()
    const history = new MessageFeed(opened.store, alone)
    await receive(opened.store, history, ...numbered(1, 5))
    const page = await history.list(ORG, { account: null, limit: 2, before: null })
    expect(page).toMatchObject({ messages: [{ text: '5' }, { text: '4' }], more: true })
    const before = given(page.messages[1]).id
    const rest = { messages: [{ text: '3' }, { text: '2' }, { text: '1' }], more: false }
    expect(await history.list(ORG, { account: null, limit: 9, before })).toMatchObject(rest)
    expect(await history.list(ORG, { account: null, limit: 3, before })).toMatchObject(rest)
    const other = given(parseOrgId('org_other'))
    expect(await history.list(other, { account: null, limit: 9, before: null })).toEqual({ messages: [], more: false })
    await expect(history.list(other, { account: null, limit: 9, before })).rejects.toThrow(ChannelError)
  })

  it('is fewer a page where it is long or quotes what is long, one at least, and all of it is there', async () => {
    await using opened = await linkedStore()
    const history = new MessageFeed(opened.store, alone)
    const long = '\u0001'.repeat(1_000_000)
    const first = textFrom(ALICE, long)
    const quoted = claimed({ stanzaId: first.stanzaId, sender: ALICE, text: null })
    const said = [first, ...['a', 'b', 'c'].map(text => textFrom(ALICE, text, { quoted })), textFrom(ALICE, 'd')]
    await receive(opened.store, history, ...said)
    const pages: string[][] = []
    for (let before: string | null = null, more = true; more;) {
      const page = await history.list(ORG, { account: null, limit: 200, before })
      pages.push(page.messages.map(({ text, quoted: other }) => `${text?.[0]}${other?.text?.length ?? ''}`))
      before = given(page.messages.at(-1)).id
      more = page.more
    }
    expect(pages).toEqual([['d'], ['c1000000'], ['b1000000'], ['a1000000'], ['\u0001']])
    const seen: (number | undefined)[] = []
    const ending = new AbortController()
    for await (const { seq, message } of history.watch(ORG, 0, ending.signal)) {
      seen.push(message.quoted?.text?.length)
      if (seq === said.length) ending.abort()
    }
    expect(seen).toEqual([undefined, 1_000_000, 1_000_000, 1_000_000, undefined])
  })

  it('is watched from a number on: what is stored, then what comes, each once and in order', async () => {
    await using opened = await linkedStore()
    const history = new MessageFeed(opened.store, alone)
    await receive(opened.store, history, ...numbered(1, 120))
    const watcher = watch(history, 5)
    const stored = await take(watcher, 115)
    expect([stored.at(0), stored.at(-1)]).toEqual(['6: 6', '120: 120'])
    const next = take(watcher, 2)
    await receive(opened.store, history, ...numbered(121, 122))
    expect(await next).toEqual(['121: 121', '122: 122'])
  })

  it('is watched from now on when no number is named', async () => {
    await using opened = await linkedStore()
    const history = new MessageFeed(opened.store, alone)
    await receive(opened.store, history, ...numbered(1, 3))
    const watcher = watch(history, null)
    await receive(opened.store, history, ...numbered(4, 4))
    expect(await take(watcher, 1)).toEqual(['4: 4'])
  })

  it('keeps nothing for a slow watcher, who reads it from the store later', async () => {
    await using opened = await linkedStore()
    const history = new MessageFeed(opened.store, alone)
    const watcher = watch(history, 0)
    await receive(opened.store, history, ...numbered(1, 1))
    expect(await take(watcher, 1)).toEqual(['1: 1'])
    for (let at = 2; at <= 40; at++) await receive(opened.store, history, ...numbered(at, at))
    expect(await take(watcher, 39)).toEqual(Array.from({ length: 39 }, (_, at) => `${at + 2}: ${at + 2}`))
  })

  it('lets a watcher end when it is aborted, and all of them at the end', async () => {
    await using opened = await linkedStore()
    const history = new MessageFeed(opened.store, alone)
    const abort = new AbortController()
    const aborted = watch(history, 0, abort.signal).next()
    const ended = watch(history, 0).next()
    abort.abort()
    expect(await aborted).toMatchObject({ done: true })
    history.end()
    expect(await ended).toMatchObject({ done: true })
  })
})
