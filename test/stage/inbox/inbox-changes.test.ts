import { describe, expect, it } from 'vitest'

import type { InboundMessage } from '../../../plugin/contract/message.ts'
import { listMessages } from '../../../plugin/store/messages/messages.ts'
import { takeTurns } from '../../support/taken-turns.ts'
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
  textFrom,
} from '../../support/store.ts'
import { outcomes } from '../../support/turns.ts'

const DAY_MS = 86_400_000

/** The message before it could be decrypted. */
const unread = (message: InboundMessage, more: Partial<InboundMessage> = {}): InboundMessage => ({
  ...message,
  content: { kind: 'undecryptable' },
  edits: null,
  receivedAt: Date.now(),
  ...more,
})

const revokes = (message: InboundMessage, by = message.sender): InboundMessage =>
  textFrom(by, '', { chat: message.chat, content: { kind: 'revoke', target: message.stanzaId } })

async function listed(store: Parameters<typeof outcomes>[0]): Promise<{ id: string; seq: number; outcome: string }[]> {
  const newest = await listMessages(store.connection, ORG, { account: null, before: null, limit: 100 })
  return newest.toReversed().map(({ id, seq, outcome }) => ({ id, seq, outcome }))
}

describe('F34: a message that cannot be decrypted yet', () => {
  it('is listed at once, takes no turn and no number, and becomes itself in its place when it can', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway, committed } = await inboxOf(opened.store, {})
    const message = textFrom(ALICE, 'at last')
    gateway.receive(unread(message), unread(message), textFrom(BOB, 'between'))
    await inbox.wake(ACCOUNT)
    const before = await listed(opened.store)
    expect(before.map(({ outcome }) => outcome)).toEqual(['undecryptable', 'matched'])
    expect(await outcomes(opened.store)).toEqual(['between → matched'])
    gateway.receive(message, message, unread(message))
    await inbox.wake(ACCOUNT)
    expect((await listed(opened.store)).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
    expect(await outcomes(opened.store)).toEqual(['between → matched', 'at last → matched'])
    expect((await listed(opened.store)).map(({ seq }) => seq)).toEqual([2, 1])
    expect(committed).toMatchObject([
      { seq: 1, queued: 1, duplicates: 1 },
      { seq: 2, queued: 1, duplicates: 2 },
    ])
  })

  it('may turn out to be an edit, which changes its target and starts no turn', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    const message = textFrom(ALICE, 'helo')
    const edit = textFrom(ALICE, 'hello', { edits: message.stanzaId })
    gateway.receive(message, unread(edit), edit)
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(['hello → matched', 'hello → ignored: edit'])
    expect(await listed(opened.store)).toHaveLength(2)
  })

  it('is told as lost after 14 days, and is still itself when it comes after all', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    const old = textFrom(ALICE, 'old')
    const young = textFrom(BOB, 'young')
    gateway.receive(
      unread(old, { receivedAt: Date.now() - 14 * DAY_MS - 1 }),
      unread(young, { receivedAt: Date.now() - 13 * DAY_MS }),
    )
    await inbox.wake(ACCOUNT)
    const next = await inboxOf(opened.store)
    await next.inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual([' → undecryptable: expired'])
    expect(next.committed).toMatchObject([{ seq: 1, queued: 0 }])
    gateway.receive(old)
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(['old → matched'])
  })
})

describe('F43: a message that its sender takes back', () => {
  it('takes its turn along when that was not begun', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    const message = textFrom(ALICE, 'oops')
    gateway.receive(message, revokes(message), revokes(message))
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual([
      'oops → ignored: revoked',
      ' → ignored: revoke',
      ' → ignored: revoke',
    ])
    expect(await queuedTexts(opened.store)).toEqual([])
  })

  it('changes nothing once its turn was begun', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    const message = textFrom(ALICE, 'oops')
    gateway.receive(message)
    await inbox.wake(ACCOUNT)
    await opened.store.transaction(trx => takeTurns(trx, 10, Date.now()))
    gateway.receive(revokes(message))
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(['oops → matched', ' → ignored: revoke'])
  })

  it('stays when somebody else takes it back', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    const message = textFrom(ALICE, 'hers', { chat: GROUP })
    gateway.receive(message, revokes(message, BOB))
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(['hers → matched', ' → ignored: revoke'])
    expect(await queuedTexts(opened.store)).toEqual(['hers'])
  })

  it.each([
    ['goes when an admin of the group takes it back', true, 'hers → ignored: revoked'],
    ['stays when a plain member does', false, 'hers → matched'],
    ['stays when nobody knows who the admins are', null, 'hers → matched'],
  ])('%s', async (_, admin, becomes) => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    const members = [
      { person: ALICE, admin: false },
      { person: byLid(BOB), admin: admin === true },
    ]
    const known = { id: '120363000000000001@g.us' as never, subject: 'Team', size: 2, description: '', members }
    if (admin !== null) gateway.groups.push(known)
    const message = textFrom(ALICE, 'hers', { chat: GROUP })
    const content = { kind: 'revoke', target: message.stanzaId, author: byPhone(ALICE) } as const
    gateway.receive(message, textFrom(BOB, '', { chat: GROUP, content }))
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual([becomes, ' → ignored: revoke'])
  })

  it('stays when an admin takes back another one under its name, and in another group', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    const members = [{ person: BOB, admin: true }]
    gateway.groups.push({ id: '120363000000000002@g.us' as never, subject: 'Other', size: 1, description: '', members })
    const message = textFrom(ALICE, 'hers', { chat: GROUP })
    const revoke = { kind: 'revoke', target: message.stanzaId } as const
    const elsewhere = { kind: 'group', group: '120363000000000002@g.us' as never } as const
    gateway.receive(
      message,
      textFrom(BOB, '', { chat: elsewhere, content: { ...revoke, author: ALICE } }),
      textFrom(BOB, '', { chat: elsewhere, content: { ...revoke, author: BOB } }),
    )
    await inbox.wake(ACCOUNT)
    expect((await outcomes(opened.store))[0]).toBe('hers → matched')
  })

  it('is not looked at again when it waited for its sender to be known', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, { from: given(ALICE.phone) })
    const message = textFrom(byLid(ALICE), 'oops')
    gateway.receive(message, revokes(message))
    gateway.append({ kind: 'identity', person: ALICE })
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(['oops → ignored: revoked', ' → ignored: revoke'])
  })
})

describe('F33, F39: a message that comes again', () => {
  it('13 days later is the same message', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    const message = textFrom(ALICE, 'once')
    gateway.receive(message, { ...message, receivedAt: message.receivedAt + 13 * DAY_MS })
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(['once → matched'])
  })

  it('under the other address of its sender, before that is known, loses its turn when it becomes known', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    const message = textFrom(byPhone(ALICE), 'once')
    const again = { ...message, sender: byLid(ALICE), chat: direct(byLid(ALICE)) }
    gateway.receive(message, again)
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(['once → matched', 'once → matched'])
    gateway.append({ kind: 'identity', person: ALICE })
    gateway.receive(again)
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(['once → matched', 'once → ignored: duplicate'])
    expect(await queuedTexts(opened.store)).toEqual(['once'])
  })

  it('under either address and under both, all on one page, is said by one person in one chat', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    const from = (sender: typeof ALICE, text: string) => textFrom(sender, text, { chat: direct(sender) })
    gateway.receive(from(byLid(ALICE), 'one'), from(byPhone(ALICE), 'two'))
    gateway.receive(from(ALICE, 'three'), from(byPhone(ALICE), 'four'), from(byLid(ALICE), 'five'))
    await inbox.wake(ACCOUNT)
    const stored = await listMessages(opened.store.connection, ORG, { after: 0, limit: 10 })
    expect(stored).toHaveLength(5)
    expect(new Set(stored.map(({ senderId }) => senderId)).size).toBe(1)
    expect(new Set(stored.map(({ chatKey }) => chatKey)).size).toBe(1)
  })

  it('keeps the turn that was begun, whichever of the two came first', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, { from: given(ALICE.phone) })
    const message = textFrom(byLid(ALICE), 'once', { chat: GROUP })
    gateway.receive(message, { ...message, sender: byPhone(ALICE) })
    await inbox.wake(ACCOUNT)
    await opened.store.transaction(trx => takeTurns(trx, 10, Date.now()))
    gateway.append({ kind: 'identity', person: ALICE })
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual(['once → ignored: duplicate', 'once → matched'])
    expect(await queuedTexts(opened.store)).toEqual([])
  })
})

describe('F41, F42: what the linked number itself says', () => {
  it('is answered by nobody: on the phone, in the chat with itself, as an echo under any id and any words', async () => {
    await using opened = await linkedStore()
    const { inbox, gateway } = await inboxOf(opened.store, {})
    gateway.receive(
      textFrom(US, 'on the phone', { fromMe: true, chat: direct(ALICE) }),
      textFrom(US, '*echo*', { fromMe: true, chat: GROUP, stanzaId: 'OTHER' }),
      textFrom(US, 'to myself', { chat: direct(US) }),
    )
    await inbox.wake(ACCOUNT)
    expect(await outcomes(opened.store)).toEqual([
      'on the phone → ignored: own',
      '*echo* → ignored: own',
      'to myself → ignored: own',
    ])
  })
})
