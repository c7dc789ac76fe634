import { proto } from '@whiskeysockets/baileys'
import Sqlite from 'better-sqlite3'
import { describe, expect, it } from 'vitest'

import { renderMessage } from '../../../../plugin/gateway/messages/to-whatsapp.ts'
import {
  CHAT_TIMER_SCHEMA,
  lifetimeOf,
  openChatTimers,
  timerIn,
  timersInHistory,
  timerNoticed,
  type ChatTimer,
} from '../../../../plugin/gateway/tables/chat-timers.ts'
import type { OutboundContent } from '../../../../plugin/contract/delivery.ts'
import type { Chat } from '../../../../plugin/contract/ids.ts'
import { ALICE, BOB, byLid, byPhone, direct, GROUP } from '../../../support/store.ts'

const { EPHEMERAL_SETTING, REVOKE } = proto.Message.ProtocolMessage.Type
const SAID_AT = 1_700_000_100
const setting = (protocolMessage: proto.Message.IProtocolMessage): proto.IMessage => ({
  protocolMessage: { type: EPHEMERAL_SETTING, ...protocolMessage },
})

describe('the timer that a message tells of', () => {
  it.each<[string, proto.IMessage, ChatTimer | null]>([
    ['a plain text', { conversation: 'x' }, null],
    ['a text without one', { extendedTextMessage: { text: 'x', contextInfo: {} } }, null],
    [
      'a text with one',
      {
        extendedTextMessage: {
          text: 'x',
          contextInfo: { expiration: 86_400, ephemeralSettingTimestamp: 1_700_000_000 },
        },
      },
      { seconds: 86_400, setAt: 1_700_000_000 },
    ],
    ['a picture with one', { imageMessage: { contextInfo: { expiration: 60 } } }, { seconds: 60, setAt: SAID_AT }],
    [
      'one that is set later than it is said',
      { imageMessage: { contextInfo: { expiration: 60, ephemeralSettingTimestamp: SAID_AT + 9_999 } } },
      { seconds: 60, setAt: SAID_AT },
    ],
    [
      'the setting',
      setting({ ephemeralExpiration: 60, ephemeralSettingTimestamp: 1_700_000_050 }),
      { seconds: 60, setAt: 1_700_000_050 },
    ],
    [
      'the setting in its wrapper',
      { ephemeralMessage: { message: setting({ ephemeralExpiration: 60 }) } },
      { seconds: 60, setAt: SAID_AT },
    ],
    ['its end', setting({ ephemeralExpiration: 0 }), { seconds: 0, setAt: SAID_AT }],
    ['its end without a number', setting({}), { seconds: 0, setAt: SAID_AT }],
    ['another change', { protocolMessage: { type: REVOKE, key: { id: 'A' } } }, null],
  ])('is read from %s', (_what, message, timer) => {
    expect(timerIn(proto.Message.decode(proto.Message.encode(message).finish()), SAID_AT)).toEqual(timer)
  })

  it.each<[string, Record<string, string>, ChatTimer | null]>([
    ['ephemeral', { expiration: '86400' }, { seconds: 86_400, setAt: 5 }],
    ['not_ephemeral', {}, { seconds: 0, setAt: 5 }],
    ['ephemeral', {}, null],
    ['ephemeral', { expiration: '-1' }, null],
    ['subject', { subject: 'x' }, null],
  ])('is read from what WhatsApp tells of a group: %s %j', (tag, attrs, timer) => {
    expect(timerNoticed({ tag: 'notification', attrs: { type: 'w:gp2', t: '5' }, content: [{ tag, attrs }] })).toEqual(
      timer,
    )
  })
})

describe('after how long a message disappears', () => {
  const message = { chat: GROUP, sentAt: SAID_AT * 1_000 }
  const timers = (timer: ChatTimer | null) => ({ of: () => timer })
  const set = { seconds: 60, setAt: SAID_AT }
  const withOwn = (expiration: number): proto.IMessage => ({
    extendedTextMessage: { text: 'x', contextInfo: { expiration } },
  })

  it.each<[string, proto.IMessage, { in: ChatTimer | null; gone: number | null }]>([
    ['its own timer, whatever its chat has', withOwn(90), { in: set, gone: 90 }],
    ['its own timer, where its chat has none', withOwn(90), { in: null, gone: 90 }],
    ['never, when it says so', withOwn(0), { in: set, gone: null }],
    ['the timer of its chat, when it says nothing', { conversation: 'x' }, { in: set, gone: 60 }],
    [
      'the timer of its chat, when it says other things',
      { imageMessage: { contextInfo: { isForwarded: true } } },
      { in: set, gone: 60 },
    ],
    ['never, when its chat has no timer', { conversation: 'x' }, { in: null, gone: null }],
    [
      'never, when the timer was set after it',
      { conversation: 'x' },
      { in: { seconds: 60, setAt: SAID_AT + 1 }, gone: null },
    ],
  ])('is %s', (_what, said, timer) => {
    expect(lifetimeOf(proto.Message.decode(proto.Message.encode(said).finish()), message, timers(timer.in))).toBe(
      timer.gone,
    )
  })
})

describe('the timers that a history tells of', () => {
  const AT = 1_700_000_200
  const lid = `${ALICE.lid}@lid`
  const number = `${ALICE.phone?.slice(1)}@s.whatsapp.net`

  it.each<[string, proto.IConversation, { chat: Chat; timer: ChatTimer } | null]>([
    [
      'of somebody under the LID',
      { id: lid, pnJid: number, ephemeralExpiration: 60, ephemeralSettingTimestamp: 5 },
      { chat: direct(ALICE), timer: { seconds: 60, setAt: 5 } },
    ],
    [
      'of somebody under the number',
      { id: number, lidJid: lid, ephemeralExpiration: 60, ephemeralSettingTimestamp: 5 },
      { chat: direct(ALICE), timer: { seconds: 60, setAt: 5 } },
    ],
    [
      'of somebody of whom one address is told',
      { id: lid, ephemeralExpiration: 60, ephemeralSettingTimestamp: 5 },
      { chat: direct(byLid(ALICE)), timer: { seconds: 60, setAt: 5 } },
    ],
    [
      'of a group',
      { id: '120363000000000001@g.us', ephemeralExpiration: 60, ephemeralSettingTimestamp: 5 },
      { chat: GROUP, timer: { seconds: 60, setAt: 5 } },
    ],
    [
      'without its date',
      { id: lid, ephemeralExpiration: 60 },
      { chat: direct(byLid(ALICE)), timer: { seconds: 60, setAt: AT } },
    ],
    [
      'of a date to come',
      { id: lid, ephemeralExpiration: 60, ephemeralSettingTimestamp: AT + 9_999 },
      { chat: direct(byLid(ALICE)), timer: { seconds: 60, setAt: AT } },
    ],
    [
      'that was switched off',
      { id: lid, ephemeralExpiration: 0, ephemeralSettingTimestamp: 5 },
      { chat: direct(byLid(ALICE)), timer: { seconds: 0, setAt: 5 } },
    ],
    ['that nobody ever set', { id: lid, ephemeralExpiration: 0, ephemeralSettingTimestamp: 0 }, null],
    ['of which nothing is said', { id: lid }, null],
    ['of a list of people', { id: 'status@broadcast', ephemeralExpiration: 60, ephemeralSettingTimestamp: 5 }, null],
  ])('%s', (_what, conversation, told) => {
    const read = proto.Conversation.decode(proto.Conversation.encode(conversation).finish())
    expect(timersInHistory([read], AT)).toEqual(told ? [told] : [])
  })
})

const target = { stanzaId: 'A', fromMe: true, sender: '+1' }
const file = { kind: 'image', artifact: 'art_1', mime: 'image/png', fileName: null, sizeBytes: 1, sha256: '' } as const
const part = (kind: 'image' | 'sticker' | 'voice' | 'document') =>
  ({
    kind,
    mime: 'x/y',
    mediaKey: Buffer.alloc(32),
    fileSha256: Buffer.alloc(32),
    fileEncSha256: Buffer.alloc(32),
    fileLength: 1,
    url: null,
    directPath: '/',
  }) as const

describe('what is said where there is a timer', () => {
  const rendered = (content: OutboundContent, kind: 'image' | 'sticker' | 'voice' | 'document' = 'image') => {
    const timer = { seconds: 86_400, setAt: 1_700_000_000 }
    const saying = { content, chat: direct(ALICE), at: 1, complete: <P>(person: P) => person, named: () => '1@lid' }
    const message = proto.Message.decode(renderMessage({ ...saying, file: part(kind), timer }))
    return JSON.stringify(message.toJSON())
  }
  const carried = /"expiration":86400,"ephemeralSettingTimestamp":"?1700000000/

  it.each<[string, OutboundContent]>([
    ['a text', { kind: 'text', text: 'x' }],
    ['an answer', { kind: 'text', text: 'x', quote: { ...target, text: 'y' } }],
    ['a place', { kind: 'location', latitude: 1, longitude: 2, name: '', address: '' }],
    ['a contact', { kind: 'contact', name: 'x', phone: '+1' }],
    ['a poll', { kind: 'poll', question: 'x', options: ['a', 'b'], most: 1 }],
    ['a poll of many', { kind: 'poll', question: 'x', options: ['a', 'b'], most: 0 }],
  ])('carries it: %s', (_what, content) => {
    expect(rendered(content)).toMatch(carried)
  })

  it.each(['image', 'sticker', 'voice', 'document'] as const)('carries it: a file of the kind %s', kind => {
    for (const caption of ['', 'x']) expect(rendered({ kind: 'media', file, caption }, kind)).toMatch(carried)
  })

  it.each<[string, OutboundContent]>([
    ['a reaction', { kind: 'reaction', emoji: 'x', target }],
    ['an edit', { kind: 'edit', text: 'x', target }],
    ['a deletion', { kind: 'delete', target }],
  ])('goes by what it is about: %s', (_what, content) => {
    expect(rendered(content)).not.toContain('expiration')
  })
})

describe('the timers of chats', () => {
  const opened = () => {
    const database = new Sqlite(':memory:')
    database.exec(CHAT_TIMER_SCHEMA)
    const known = { whole: false }
    const complete = (person: typeof ALICE) => (known.whole && person.lid !== BOB.lid ? ALICE : person)
    return { known, timers: openChatTimers(database, { complete }) }
  }

  it('are what was set last, in whichever order that is told, and none once they are switched off', () => {
    const { timers } = opened()
    timers.note(GROUP, { seconds: 60, setAt: 5 })
    timers.note(GROUP, { seconds: 90, setAt: 3 })
    expect(timers.of(GROUP)).toEqual({ seconds: 60, setAt: 5 })
    timers.note(GROUP, { seconds: 0, setAt: 7 })
    timers.note(GROUP, { seconds: 60, setAt: 6 })
    expect(timers.of(GROUP)).toBeNull()
    expect(timers.of(direct(BOB))).toBeNull()
  })

  it('are those of a person under each address, also when it turns out later that both are one', () => {
    const { known, timers } = opened()
    timers.note(direct(byPhone(ALICE)), { seconds: 60, setAt: 5 })
    expect(timers.of(direct(byLid(ALICE)))).toBeNull()
    known.whole = true
    expect(timers.of(direct(byLid(ALICE)))).toEqual({ seconds: 60, setAt: 5 })
    timers.note(direct(byLid(ALICE)), { seconds: 90, setAt: 6 })
    expect(timers.of(direct(byPhone(ALICE)))).toEqual({ seconds: 90, setAt: 6 })
  })
})
