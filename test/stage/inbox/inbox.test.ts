import { describe, expect, it } from 'vitest'

import { claimed, wordOf } from '../../../plugin/contract/claimed.ts'
import { TRIGGER_KINDS } from '../../../plugin/config/inbound-limits.ts'
import type { MessageContent } from '../../../plugin/contract/content.ts'
import { ChannelError } from '../../../plugin/contract/errors/errors.ts'
import { claimNumber } from '../../../plugin/store/accounts/accounts.ts'
import { addBinding, removeBinding } from '../../../plugin/store/accounts/bindings.ts'
import { cursorOf } from '../../../plugin/store/accounts/journal-cursors.ts'
import { listMessages } from '../../../plugin/store/messages/messages.ts'
import { inboxOf, queuedTexts } from '../../support/inbox.ts'
import {
  ACCOUNT,
  ALICE,
  BOB,
  GROUP,
  ORG,
  US,
  byLid,
  byPhone,
  direct,
  given,
  linkedStore,
  person,
  textFrom,
} from '../../support/store.ts'
import { outcomes } from '../../support/turns.ts'

/** What is about other messages, about the group, or about nothing that is known. */
const UNASKED: MessageContent[] = [
  { kind: 'reaction', emoji: '👍', target: 'X' },
  { kind: 'poll_vote', target: 'X', options: ['Soup'] },
  { kind: 'group_change', change: 'joined', people: [BOB], text: '' },
  { kind: 'call', video: false },
  { kind: 'album', images: 2, videos: 0 },
  { kind: 'unsupported', type: 'orderMessage', caption: '' },
]

describe('the inbox', () => {
  it('stores what the journal holds, queues a turn for what a binding takes, and then lets the journal forget', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway, committed } = await inboxOf(opened.store, { from: given(ALICE.phone) })
    gateway.receive(textFrom(ALICE, 'hello'), textFrom(BOB, 'and me?'))
    await inbox.wake(ACCOUNT, 2)
    expect(await outcomes(opened.store)).toEqual(['hello → matched', 'and me? → unmatched: no_binding'])
    expect(await queuedTexts(opened.store)).toEqual(['hello'])
    expect(gateway.confirmedThrough).toBe(2)
    expect(committed).toMatchObject([{ seq: 2, queued: 1 }])
  })

  it('asks a binding of the message after it was made, and of none after it was removed', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store)
    const told = async (text: string): Promise<void> => {
      gateway.receive(textFrom(ALICE, text))
      await inbox.wake(ACCOUNT)
    }
    await told('one')
    const { id } = await opened.store.transaction(trx => addBinding(trx, ORG, { agent: 'echo', rule: {} }))
    await told('two')
    await opened.store.transaction(trx => removeBinding(trx, ORG, id))
    await opened.store.transaction(trx => addBinding(trx, ORG, { agent: 'echo', rule: { from: given(BOB.phone) } }))
    await told('three')
    expect(await outcomes(opened.store)).toEqual([
      'one → unmatched: no_binding',
      'two → matched',
      'three → unmatched: no_binding',
    ])
  })

  it('logs an unmatched message by its id and its reason, without its text or a phone number', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway, lines } = await inboxOf(opened.store)
    gateway.receive(textFrom(ALICE, 'a secret text'))
    await inbox.wake(ACCOUNT)
    expect(lines).toMatchObject([{ event: 'message unmatched', fields: { reason: 'no_binding' } }])
    expect(JSON.stringify(lines)).not.toMatch(/a secret text|972500/)
  })

  it('stores nothing of a page that fails half-way, and all of it when it is tried again', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    const [first, second] = [textFrom(ALICE, 'first'), textFrom(ALICE, 'second')]
    gateway.receive(first)
    gateway.append({ kind: 'message', message: { ...second, content: JSON.parse('null') as typeof second.content } })
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual([])
    expect(gateway.confirmedThrough).toBe(0)
    gateway.journal.length = 1
    gateway.receive(second)
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(['first → matched', 'second → matched'])
    await inbox.close()
  })

  it('takes a message seen before once, also when the journal was not told that it may forget', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    const message = textFrom(ALICE, 'once')
    gateway.receive(message, message)
    await inbox.wake(ACCOUNT)
    gateway.receive(message)
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(['once → matched'])
  })

  it('knows a message again that comes under another address of the same person', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    const inGroup = textFrom(byPhone(ALICE), 'by phone', { chat: GROUP })
    const alone = textFrom(byPhone(ALICE), 'alone', { chat: direct(byPhone(ALICE)) })
    gateway.receive(inGroup, alone)
    gateway.append({ kind: 'identity', person: ALICE })
    gateway.receive(
      { ...inGroup, sender: byLid(ALICE) },
      { ...alone, sender: byLid(ALICE), chat: direct(byLid(ALICE)) },
    )
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(['by phone → matched', 'alone → matched'])
  })

  it('keeps two messages of two senders apart that have one stanza id', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    const message = textFrom(ALICE, 'hers', { chat: GROUP })
    gateway.receive(message, { ...message, sender: BOB, content: { kind: 'text', text: 'his' } })
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(['hers → matched', 'his → matched'])
  })

  it('keeps an unknown person waiting, and asks again in order once their number is known', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, { from: given(ALICE.phone) }, { text_regex: 'help' })
    const [hidden, other] = [byLid(ALICE), byLid(BOB)]
    gateway.receive(textFrom(hidden, 'help one'), textFrom(hidden, 'two', { chat: GROUP }), textFrom(other, 'three'))
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual([
      'help one → unmatched: identity_unknown',
      'two → unmatched: identity_unknown',
      'three → unmatched: identity_unknown',
    ])
    gateway.append({ kind: 'identity', person: BOB })
    gateway.receive(textFrom(ALICE, 'four', { chat: GROUP }))
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual([
      'help one → matched',
      'two → matched',
      'three → unmatched: no_binding',
      'four → matched',
    ])
    expect(await queuedTexts(opened.store)).toEqual(['help one', 'two'])
  })

  it('asks no binding about what the linked number writes, and what says nothing by itself', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    gateway.receive(
      textFrom(US, 'own', { fromMe: true, chat: direct(BOB) }),
      ...UNASKED.map(content => textFrom(ALICE, '', { content })),
      textFrom(ALICE, '', { content: { kind: 'unsupported', type: 'orderMessage', caption: 'look' } }),
    )
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual([
      'own → ignored: own',
      ' → ignored: reaction',
      ' → ignored: poll_vote',
      ' → ignored: group_change',
      ' → ignored: call',
      ' → ignored: album',
      ' → ignored: unsupported',
      'look → matched',
    ])
  })

  it('asks also about those that the settings name', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway, also } = await inboxOf(opened.store, {})
    for (const each of TRIGGER_KINDS) also.add(each)
    gateway.receive(
      ...UNASKED.map(content => textFrom(ALICE, '', { content })),
      textFrom(ALICE, 'better', { edits: 'X' }),
    )
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual([
      ' → matched',
      ' → matched',
      ' → matched',
      ' → matched',
      ' → ignored: album',
      ' → ignored: unsupported',
      'better → matched',
    ])
  })

  it('lets an edit change the text of its own writer, and of nobody else, and starts no turn', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    const message = textFrom(ALICE, 'helo', { chat: GROUP })
    const edits = message.stanzaId
    gateway.receive(
      message,
      textFrom(BOB, 'forged', { chat: GROUP, edits }),
      textFrom(byPhone(ALICE), 'hello', { chat: GROUP, edits }),
    )
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(['hello → matched', 'forged → ignored: edit', 'hello → ignored: edit'])
    expect(await queuedTexts(opened.store)).toEqual(['hello'])
  })

  it('believes nobody about the addresses of the person they quote', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, { from: given(ALICE.phone) })
    const lie = { stanzaId: 'Q', sender: { lid: BOB.lid, phone: ALICE.phone }, text: 'never said' }
    gateway.receive(textFrom(person('9', null), 'liar', { quoted: claimed(lie) }), textFrom(byLid(BOB), 'am I Alice?'))
    gateway.append({ kind: 'identity', person: ALICE })
    gateway.receive(textFrom(BOB, 'no', { quoted: claimed({ stanzaId: 'Q', sender: byLid(ALICE), text: 'hi' }) }))
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual([
      'liar → unmatched: identity_unknown',
      'am I Alice? → unmatched: no_binding',
      'no → unmatched: no_binding',
    ])
    const [last] = await listMessages(opened.store.connection, ORG, { account: null, before: null, limit: 1 })
    expect(wordOf(given(last?.quoted)).sender).toEqual(ALICE)
  })

  it('lets no binding act for a number that nobody was shown, and asks again when somebody was', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    const stranger = given(person(null, '972500000099').phone)
    await opened.store.transaction(trx => claimNumber(trx, ACCOUNT, stranger))
    const receiver = { lid: null, phone: stranger }
    gateway.receive(textFrom(ALICE, 'one', { receiver }), textFrom(ALICE, 'two', { receiver }))
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual([
      'one → unmatched: link_unconfirmed',
      'two → unmatched: link_unconfirmed',
    ])
    await inbox.confirmLink(ACCOUNT, stranger)
    expect(await outcomes(opened.store)).toEqual(['one → matched', 'two → matched'])
    expect(await queuedTexts(opened.store)).toEqual(['one'])
  })

  it('leaves what another number received unconfirmed when one is shown', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    const receiver = person(null, '972500000099')
    await opened.store.transaction(trx => claimNumber(trx, ACCOUNT, given(receiver.phone)))
    gateway.receive(textFrom(ALICE, 'elsewhere', { receiver }))
    await inbox.wake(ACCOUNT)
    await inbox.confirmLink(ACCOUNT, given(person(null, '972500000088').phone))
    expect(await outcomes(opened.store)).toEqual(['elsewhere → unmatched: link_unconfirmed'])
  })

  it('leaves out what another number received than the one that is linked, and says so', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway, line } = await inboxOf(opened.store, {})
    gateway.receive(textFrom(ALICE, 'elsewhere', { receiver: person(null, '972500000099') }), textFrom(ALICE, 'here'))
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(['here → matched'])
    expect(await line('messages of another number left out')).toMatchObject({ level: 'warn', fields: { messages: 1 } })
    expect(gateway.confirmedThrough).toBe(2)
  })

  it('begins again at the start of a journal that was made anew', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    gateway.receive(textFrom(ALICE, 'one'), textFrom(ALICE, 'two'), textFrom(ALICE, 'three'))
    await inbox.wake(ACCOUNT, 3)
    gateway.beginAnew()
    gateway.receive(textFrom(ALICE, 'four'))
    await inbox.wake(ACCOUNT, 1)
    expect(await outcomes(opened.store)).toContain('four → matched')
    expect(await cursorOf(opened.store.connection, ACCOUNT)).toBe(1)
  })

  it('waits for a gateway that is down to wake it, and goes on where it was', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    gateway.receive(textFrom(ALICE, 'patient'))
    gateway.down = new ChannelError('gateway_unreachable')
    await inbox.wake(ACCOUNT, 1)
    expect(await outcomes(opened.store)).toEqual([])
    gateway.down = null
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(['patient → matched'])
  })

  it('takes over a journal of many pages in its order', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store)
    const texts = Array.from({ length: 250 }, (_, at) => `number ${at}`)
    gateway.receive(...texts.map(text => textFrom(ALICE, text)))
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(texts.map(text => `${text} → unmatched: no_binding`))
    expect(gateway.confirmedThrough).toBe(250)
  })
})
