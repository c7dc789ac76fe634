import type { BinaryNode } from '@whiskeysockets/baileys'
import { describe, expect, it } from 'vitest'

import type { MessageContent } from '../../../../plugin/contract/content.ts'
import { lidFromDigits, phoneFromDigits, type Person } from '../../../../plugin/contract/ids.ts'
import { noticeFrom } from '../../../../plugin/gateway/messages/group-notices.ts'

const SELF: Person = { lid: lidFromDigits('55501'), phone: phoneFromDigits('4915112345678') }
const ALICE: Person = { lid: lidFromDigits('77701'), phone: phoneFromDigits('972500000001') }
const BOB: Person = { lid: lidFromDigits('77702'), phone: null }
const [ALICE_LID, ALICE_PN, BOB_LID] = ['77701@lid', '972500000001@s.whatsapp.net', '77702@lid']
const GROUP = '120363000000000001@g.us'
const reading = {
  self: SELF,
  receivedAt: 5,
  complete: (person: Person) => person,
  choice: () => null,
  open: () => 'secret_unknown' as const,
}

const node = (tag: string, attrs: Record<string, string>, content: BinaryNode['content'] = []): BinaryNode => ({
  tag,
  attrs,
  content,
})
const members = (...jids: string[]) => jids.map(jid => node('participant', { jid }))

function groupNotice(
  told: BinaryNode,
  by: Record<string, string> = { participant: ALICE_LID, participant_pn: ALICE_PN },
) {
  const attrs = { from: GROUP, id: 'N1', type: 'w:gp2', t: '1700000000', notify: 'Alice', ...by }
  return noticeFrom(node('notification', attrs, [told]), reading)
}

const change = (kind: Extract<MessageContent, { kind: 'group_change' }>['change'], people: Person[], text = '') => ({
  kind: 'group_change',
  change: kind,
  people,
  text,
})

describe('a change of a group', () => {
  it('is a message of whoever made it', () => {
    expect(groupNotice(node('add', {}, members(BOB_LID)))).toEqual({
      stanzaId: 'N1',
      chat: { kind: 'group', group: GROUP },
      sender: ALICE,
      receiver: SELF,
      fromMe: false,
      senderName: 'Alice',
      content: change('added', [BOB]),
      file: null,
      mentioned: false,
      quoted: null,
      edits: null,
      sentAt: 1_700_000_000_000,
      receivedAt: 5,
    })
  })

  it.each<[string, BinaryNode, ReturnType<typeof change>]>([
    ['somebody who comes alone', node('add', {}, members(ALICE_LID)), change('joined', [{ ...ALICE, phone: null }])],
    ['somebody who goes', node('remove', {}, members(ALICE_LID)), change('left', [{ ...ALICE, phone: null }])],
    ['somebody who is sent away', node('remove', {}, members(BOB_LID)), change('removed', [BOB])],
    ['several', node('remove', {}, members(ALICE_LID, BOB_LID)), change('removed', [{ ...ALICE, phone: null }, BOB])],
    ['a new admin', node('promote', {}, members(BOB_LID)), change('promoted', [BOB])],
    ['an admin no more', node('demote', {}, members(BOB_LID)), change('demoted', [BOB])],
    ['a new subject', node('subject', { subject: 'Ops' }), change('subject', [], 'Ops')],
    [
      'a new description',
      node('description', {}, [node('body', {}, Buffer.from('what we do'))]),
      change('description', [], 'what we do'),
    ],
    ['a new group', node('create', {}, [node('group', { subject: 'Ops' })]), change('created', [], 'Ops')],
  ])('tells of %s', (_name, told, content) => {
    expect(groupNotice(told)?.content).toEqual(content)
  })

  it('is that of those it happened to when nobody made it, and our own when we did', () => {
    expect(groupNotice(node('add', {}, members(BOB_LID)), {})).toMatchObject({
      sender: BOB,
      content: { change: 'joined' },
    })
    expect(groupNotice(node('promote', {}, members(BOB_LID)), { participant: '55501@lid' })?.fromMe).toBe(true)
  })

  it.each<[string, BinaryNode]>([
    ['a picture', node('notification', { type: 'picture', from: GROUP, id: 'N1' }, [node('set', {})])],
    ['an invitation link', node('notification', { type: 'w:gp2', from: GROUP, id: 'N1' }, [node('invite', {})])],
    ['nothing', node('notification', { type: 'w:gp2', from: GROUP, id: 'N1' })],
    [
      'no group',
      node('notification', { type: 'w:gp2', from: ALICE_LID, id: 'N1' }, [node('add', {}, members(BOB_LID))]),
    ],
    ['nobody', node('notification', { type: 'w:gp2', from: GROUP, id: 'N1' }, [node('subject', { subject: 'x' })])],
  ])('is none that is told here: %s', (_name, stanza) => {
    expect(noticeFrom(stanza, reading)).toBeNull()
  })
})

describe('a call', () => {
  const call = (offer: BinaryNode) =>
    noticeFrom(node('call', { from: ALICE_LID, id: 'X', t: '1700000000' }, [offer]), reading)
  const attrs = { 'call-id': 'C1', 'call-creator': ALICE_LID, caller_pn: ALICE_PN }

  it('is a message of whoever calls, and of its chat', () => {
    expect(call(node('offer', attrs, [node('audio', {})]))).toMatchObject({
      stanzaId: 'C1',
      chat: { kind: 'direct', peer: ALICE },
      sender: ALICE,
      content: { kind: 'call', video: false },
    })
    expect(call(node('offer', attrs, [node('video', {})]))?.content).toEqual({ kind: 'call', video: true })
    expect(call(node('offer_notice', { ...attrs, media: 'video' }))?.content).toEqual({ kind: 'call', video: true })
    expect(call(node('offer', { ...attrs, 'group-jid': GROUP }))?.chat).toEqual({ kind: 'group', group: GROUP })
  })

  it('is told of once, when it begins', () => {
    expect(call(node('terminate', attrs))).toBeNull()
    expect(call(node('offer', {}))).toBeNull()
  })
})
