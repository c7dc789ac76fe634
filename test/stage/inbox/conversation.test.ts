import { describe, expect, it } from 'vitest'

import { Ingest } from '../../../plugin/inbox/ingest.ts'
import type { MessageContent } from '../../../plugin/contract/content.ts'
import { parseAccountName, parseOrgId } from '../../../plugin/contract/ids.ts'
import type { InboundMessage } from '../../../plugin/contract/message.ts'
import { confirmNumber } from '../../../plugin/store/accounts/accounts.ts'
import { abandonSend } from '../../../plugin/store/sends/sends.ts'
import { noRules } from '../../support/rules.ts'
import { stagesOn, told } from '../../support/stages.ts'
import {
  ACCOUNT,
  ALICE,
  BOB,
  GROUP,
  ORG,
  OUR_NUMBER,
  US,
  byPhone,
  direct,
  given,
  linkedStore,
  textFrom,
} from '../../support/store.ts'
import type { Run } from '../../support/turns.ts'

const inGroup = (sender: typeof ALICE, text: string, more: Partial<InboundMessage> = {}): InboundMessage =>
  textFrom(sender, text, { chat: GROUP, ...more })
const saying = (content: MessageContent): InboundMessage => textFrom(ALICE, '', { content })
const revokes = (message: InboundMessage): InboundMessage =>
  textFrom(message.sender, '', { chat: message.chat, content: { kind: 'revoke', target: message.stanzaId } })

/** Says nothing. */
const silent: Run = async function* silent() {
  yield* []
}

describe('what an agent is handed of its conversation', () => {
  it('is what was said before its message, oldest first, by whom and when', async () => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [{}] })
    await stages.receive(textFrom(ALICE, 'hello', { senderName: 'Alice', sentAt: 1_700_000_000_000 }))
    await stages.line('turn ended')
    await stages.receive(textFrom(ALICE, 'and now?'), textFrom(BOB, 'elsewhere'))
    await stages.line('turn ended', 3)
    const conversation = given(stages.seen.find(({ message }) => message.text === 'and now?')).conversation
    const [first, second] = conversation
    expect(conversation).toHaveLength(2)
    expect(first).toMatchObject({ who: 'person', text: 'hello', senderName: 'Alice', at: 1_700_000_000_000 })
    expect(first?.from).toBe(ALICE.phone)
    expect(first?.messageId).toBe(stages.seen[0]?.message.id)
    expect(second).toMatchObject({ who: 'agent', text: 're: hello', senderName: null, from: US.phone })
    expect(stages.toldAt('hello')).toEqual([])
    expect(stages.toldAt('elsewhere')).toEqual([])
  })

  it('has the replies to what was written before, also when they were said after its message had come', async () => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [{}] })
    await stages.receive(textFrom(ALICE, 'one'), textFrom(ALICE, 'two'), textFrom(ALICE, 'three'))
    await stages.line('turn ended', 3)
    expect(stages.toldAt('one')).toEqual([])
    expect(stages.toldAt('two')).toEqual(['person: one', 'agent: re: one'])
    expect(stages.toldAt('three').toSorted()).toEqual([
      'agent: re: one',
      'agent: re: two',
      'person: one',
      'person: two',
    ])
  })

  it('is the same for another attempt, whatever was said meanwhile', async () => {
    await using opened = await linkedStore()
    const first = await stagesOn(opened.store, {
      bindings: [{}],
      run: async function* run({ message }) {
        yield `re: ${message.text}`
        if (message.text === 'stuck') await new Promise(() => undefined)
      },
    })
    await first.receive(textFrom(ALICE, 'before'), textFrom(ALICE, 'stuck'))
    await first.line('turn ended')
    await expect.poll(() => first.gateway.texts).toEqual(['re: before', 're: stuck'])
    await first.sending.send(ACCOUNT, { to: given(ALICE.phone), text: 'meanwhile' }, null)
    await first.receive(textFrom(ALICE, 'behind'))
    await first[Symbol.asyncDispose]()

    await using again = await opened.reopened()
    await using second = await stagesOn(again.store)
    await second.line('turn ended', 2)
    expect(second.seen[0]).toMatchObject({ attempt: 2, message: { text: 'stuck' } })
    expect(first.toldAt('stuck')).toEqual(['person: before', 'agent: re: before'])
    expect(second.toldAt('stuck')).toEqual(first.toldAt('stuck'))
    expect(second.toldAt('behind')).toContain('agent: meanwhile')
  })

  it('has what was sent there, unless that never went out', async () => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [{}] })
    await stages.receive(textFrom(ALICE, 'hello'))
    await stages.line('turn ended')
    const send = (text: string) => stages.sending.send(ACCOUNT, { to: given(ALICE.phone), text }, null)
    await send('a notice')
    const refused = await send('a spoilt one')
    await opened.store.transaction(async trx => {
      await trx.updateTable('sends').set({ status: 'accepted' }).where('id', '=', refused.id).execute()
      await abandonSend(trx, refused, 'link_changed')
    })
    await stages.receive(textFrom(ALICE, 'what?'))
    await stages.line('turn ended', 2)
    expect(stages.toldAt('what?')).toEqual(['person: hello', 'agent: re: hello', 'agent: a notice'])
  })

  it('has the newest text of what was edited, by people and by us, and nothing of what was taken back', async () => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, {
      bindings: [{}],
      run: async function* run({ message }) {
        if (message.text !== 'last') yield `re: ${message.text}`
      },
    })
    const [edited, revoked] = [textFrom(ALICE, 'helo'), textFrom(ALICE, 'oops')]
    await stages.receive(edited)
    await stages.line('turn ended')
    await stages.receive(revoked)
    await stages.line('turn ended', 2)
    const ours = await opened.store.connection
      .selectFrom('messages')
      .select(['id'])
      .where('direction', '=', 'outbound')
      .orderBy('seq')
      .execute()
    const [first, second] = ours.map(({ id }) => id)
    const to = given(ALICE.phone)
    await stages.sending.send(ACCOUNT, { to, edit: { message_id: given(first), text: 'better' } }, null)
    await stages.sending.send(ACCOUNT, { to, edit: { message_id: given(first), text: 'best' } }, null)
    await stages.sending.send(ACCOUNT, { to, delete: { message_id: given(second) } }, null)
    await stages.receive(
      textFrom(ALICE, 'hello', { edits: edited.stanzaId }),
      revokes(revoked),
      textFrom(BOB, 'forged', { chat: direct(ALICE), edits: edited.stanzaId }),
      textFrom(ALICE, 'last'),
    )
    await stages.line('turn ended', 3)
    expect(stages.toldAt('last')).toEqual(['person: hello', 'agent: best'])
  })

  it('marks what is more than a text by its kind, and has no reactions, votes, calls and the like', async () => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [{ rule: { text_regex: '^last$' } }] })
    const media = { mime: null, sizeBytes: 1, fileName: 'x.jpg', seconds: null, viewOnce: false, album: null }
    const place = { latitude: 32.5, longitude: 34.75, accuracyMetres: null, name: 'Office', address: null }
    const poll = { question: 'Lunch?', options: ['Soup', 'Salad'] }
    await stages.receive(
      saying({ kind: 'media', media: { ...media, kind: 'image' }, caption: 'look' }),
      saying({ kind: 'media', media: { ...media, kind: 'voice' }, caption: '' }),
      saying({ kind: 'location', place, live: false, comment: 'here' }),
      saying({ kind: 'contacts', contacts: [{ name: 'Bob', phones: ['+1 2'] }] }),
      saying({ kind: 'poll', ...poll, most: 1 }),
      saying({
        kind: 'event',
        name: 'Party',
        description: 'at six',
        startsAt: null,
        endsAt: null,
        place,
        cancelled: false,
      }),
      saying({ kind: 'unsupported', type: 'orderMessage', caption: 'two of them' }),
      saying({ kind: 'unsupported', type: 'orderMessage', caption: '' }),
      saying({ kind: 'reaction', emoji: '👍', target: 'X' }),
      saying({ kind: 'poll_vote', target: 'X', options: ['Soup'] }),
      saying({ kind: 'call', video: false }),
      saying({ kind: 'album', images: 2, videos: 0 }),
      saying({ kind: 'undecryptable' }),
      textFrom(US, 'from the phone', { fromMe: true, chat: direct(ALICE) }),
      textFrom(ALICE, 'last'),
    )
    await stages.line('turn ended')
    expect(stages.toldAt('last')).toEqual([
      'person: [image] look',
      'person: [voice]',
      'person: [location] 32.5,34.75 Office here',
      'person: [contacts] Bob +1 2',
      'person: [poll] Lunch? Soup / Salad',
      'person: [event] Party at six',
      'person: [unsupported] two of them',
      'owner: from the phone',
    ])
  })

  it('is not what came while nobody had been shown which number is linked', async () => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [{}], run: silent })
    await stages.receive(textFrom(ALICE, 'to a stranger', { receiver: { lid: null, phone: byPhone(BOB).phone } }))
    await stages.receive(textFrom(ALICE, 'to us'))
    await stages.line('turn ended')
    expect(stages.toldAt('to us')).toEqual([])
  })

  it('is as long as the setting says, at once when that changes, and bounded in each text and in all', async () => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [{ rule: { text_regex: '^now' } }], run: silent })
    const texts = Array.from({ length: 40 }, (_, at) => `${at}`)
    await stages.receive(...texts.map(text => textFrom(ALICE, text)))
    for (const [at, most] of [20, 3, 0].entries()) {
      stages.settings.contextMessages = most
      await stages.receive(textFrom(ALICE, `now ${at}`))
      await stages.line('turn ended', at + 1)
    }
    expect(stages.toldAt('now 0')).toEqual(texts.slice(-20).map(text => `person: ${text}`))
    expect(stages.toldAt('now 1')).toEqual(['person: 38', 'person: 39', 'person: now 0'])
    expect(stages.toldAt('now 2')).toEqual([])

    stages.settings.contextMessages = 200
    await stages.receive(...texts.map(text => textFrom(BOB, `${text}${'x'.repeat(5_000)}`)))
    await stages.receive(textFrom(BOB, `${'y'.repeat(3_999)}👍`), textFrom(BOB, 'now long'))
    await stages.line('turn ended', 4)
    const long = given(stages.seen.at(-1)).conversation
    expect(long.at(-1)?.text).toBe('y'.repeat(3_999))
    expect(long.map(({ text }) => text.length)).toEqual([...Array<number>(24).fill(4_000), 3_999])
  })

  it('finds what was said behind a hundred reactions', async () => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [{ rule: { text_regex: '^now' } }], run: silent })
    await stages.receive(textFrom(ALICE, 'long ago'))
    await stages.receive(...Array.from({ length: 100 }, () => saying({ kind: 'reaction', emoji: '👍', target: 'X' })))
    await stages.receive(textFrom(ALICE, 'now'))
    await stages.line('turn ended')
    expect(stages.toldAt('now')).toEqual(['person: long ago'])
  })
})

describe('in a group', () => {
  it('the conversation is that of all, also of those whom nobody answers', async () => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [{ rule: { from: given(ALICE.phone) } }] })
    await stages.receive(inGroup(ALICE, 'one'), inGroup(BOB, 'two'), textFrom(ALICE, 'alone'))
    await stages.line('turn ended', 2)
    await stages.receive(inGroup(ALICE, 'three'))
    await stages.line('turn ended', 3)
    expect(stages.toldAt('three')).toEqual(['person: one', 'person: two', 'agent: re: one'])
    expect(stages.toldAt('alone')).toEqual([])
  })

  it('the conversation is that of one account of one org, also where others are in the group', async () => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [{}] })
    const others = [
      { org: ORG, account: given(parseAccountName('second')) },
      { org: given(parseOrgId('org_other')), account: ACCOUNT.account },
    ]
    await stages.receive(inGroup(ALICE, 'one'))
    await stages.line('turn ended')
    for (const key of others) {
      await confirmNumber(opened.store.connection, key, OUR_NUMBER)
      await opened.store.transaction(trx => new Ingest(trx, key, noRules).message(inGroup(ALICE, 'elsewhere')))
    }
    await stages.receive(inGroup(ALICE, 'two'), inGroup(ALICE, 'three'))
    await stages.line('turn ended', 3)
    expect(stages.toldAt('three')).toEqual(['person: one', 'agent: re: one', 'person: two', 'agent: re: two'])
  })

  it('or of each participant separately, when the binding says so: what they wrote, and the replies to it', async () => {
    await using opened = await linkedStore()
    await using stages = await stagesOn(opened.store, { bindings: [{ conversation: 'participant' }] })
    await stages.receive(inGroup(ALICE, 'a1'), inGroup(BOB, 'b1'), inGroup(ALICE, 'a2'), textFrom(ALICE, 'alone'))
    await stages.line('turn ended', 4)
    await stages.sending.send(ACCOUNT, { to: '120363000000000001@g.us' as never, text: 'to everybody' }, null)
    await stages.receive(inGroup(BOB, 'b2'), inGroup(ALICE, 'a3'))
    await stages.line('turn ended', 6)
    expect(stages.toldAt('b2')).toEqual(['person: b1', 'agent: re: b1'])
    expect(stages.toldAt('a3')).toEqual(['person: a1', 'person: a2', 'agent: re: a1', 'agent: re: a2'])
    expect(stages.toldAt('alone')).toEqual([])

    const threadOf = (text: string): string =>
      given(stages.seen.find(({ message }) => message.text === text)).message.thread
    expect(threadOf('a1')).toBe(threadOf('a3'))
    expect(new Set([threadOf('a1'), threadOf('b1'), threadOf('alone')]).size).toBe(3)
    expect(threadOf('a1')).toMatch(/^default\/120363000000000001@g\.us\/per_[0-9A-Z]{26}$/)
  })

  it('of each participant stays as it was for a turn that was queued before the binding changed', async () => {
    await using opened = await linkedStore()
    const first = await stagesOn(opened.store, {
      bindings: [{ conversation: 'participant' }],
      run: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) }),
    })
    await first.receive(inGroup(BOB, 'b1'), inGroup(ALICE, 'a1'), inGroup(BOB, 'b2'))
    await first.line('turn begun')
    await first[Symbol.asyncDispose]()
    await opened.store.transaction(trx => trx.updateTable('bindings').set({ conversation: 'chat' }).execute())
    await using again = await opened.reopened()
    await using second = await stagesOn(again.store)
    await second.line('turn ended', 3)
    expect(second.toldAt('b2')).toEqual(['person: b1', 'agent: re: b1'])
    expect(told(second.seen[1]?.conversation ?? [])).toEqual([])
  })
})
