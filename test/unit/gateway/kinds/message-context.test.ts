import { proto } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'

import type { Chat, GroupId } from '../../../../plugin/contract/ids.ts'
import { contextOf, forwardingOf, mentionsAll } from '../../../../plugin/gateway/kinds/message-context.ts'
import { GROUP, ALICE, direct } from '../../../support/store.ts'

/** The types of the proto that have a place for what they say of others. */
const TYPES = Object.entries(proto.Message as unknown as Record<string, { prototype?: object }>)
  .filter(([, type]) => type.prototype && 'contextInfo' in type.prototype)
  .map(([name]) => name.charAt(0).toLowerCase() + name.slice(1))
  .filter(name => name in proto.Message.prototype)

const read = (message: proto.IMessage): proto.IContextInfo | null =>
  contextOf(proto.Message.decode(proto.Message.encode(message).finish()))

const ourGroup = (GROUP as Extract<Chat, { kind: 'group' }>).group

describe('what a message says of where it comes from', () => {
  it('has a place in as many types as this', () => {
    expect(TYPES.length).toBeGreaterThan(20)
    expect(TYPES).toEqual(
      expect.arrayContaining(['imageMessage', 'pollCreationMessage', 'contactMessage', 'eventMessage']),
    )
  })

  it.each(TYPES)('is found in a message of the type %s', type => {
    const context = read({ [type]: { contextInfo: { isForwarded: true, forwardingScore: 5 } } })
    expect(forwardingOf(context)).toEqual({ score: 5 })
  })

  it.each([
    ['a note beside money', { requestPaymentMessage: { noteMessage: { extendedTextMessage: { text: 'x' } } } }],
    ['a remark', { commentMessage: { message: { extendedTextMessage: { text: 'x' } } } }],
  ])('is found in %s', (_what, message: proto.IMessage) => {
    const said = { text: 'x', contextInfo: { isForwarded: true } }
    const [[name, part]] = Object.entries(message) as [[string, object]]
    const [key = ''] = Object.keys(part)
    expect(forwardingOf(read({ [name]: { [key]: { extendedTextMessage: said } } }))).toEqual({ score: 0 })
  })

  it.each<[string, proto.IContextInfo | null, { score: number } | null]>([
    ['nothing', null, null],
    ['an empty place', {}, null],
    ['that it is not', { isForwarded: false, forwardingScore: 0 }, null],
    ['the mark alone', { isForwarded: true }, { score: 0 }],
    ['the score alone', { forwardingScore: 127 }, { score: 127 }],
    ['a channel that it is of', { forwardedNewsletterMessageInfo: { newsletterJid: '1@newsletter' } }, { score: 0 }],
  ])('is read from %s', (_what, context, forwarded) => {
    expect(forwardingOf(context)).toEqual(forwarded)
  })
})

describe('a mention of all', () => {
  it.each<[string, proto.IContextInfo | null, boolean]>([
    ['nothing', null, false],
    ['the mark', { nonJidMentions: 1 }, true],
    ['no mark', { nonJidMentions: 0 }, false],
    ['the group itself', { groupMentions: [{ groupJid: ourGroup, groupSubject: 'Team' }] }, true],
    ['the group among people', { mentionedJid: [ourGroup] }, true],
    ['another group', { groupMentions: [{ groupJid: '999@g.us' as GroupId }] }, false],
    ['one person', { mentionedJid: ['1@lid'] }, false],
  ])('is read from %s', (_what, context, all) => {
    expect(mentionsAll(context, GROUP)).toBe(all)
    expect(mentionsAll(context, direct(ALICE))).toBe(false)
  })
})
