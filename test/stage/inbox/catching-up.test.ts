import { describe, expect, it } from 'vitest'

import type { ConnectionState } from '../../../plugin/contract/connection.ts'
import { ChannelError } from '../../../plugin/contract/errors/errors.ts'
import { nextDueAt } from '../../../plugin/store/turns/ready-turns.ts'
import { findTurnOf, listTurns } from '../../../plugin/store/turns/turn-queries.ts'
import { listMessages } from '../../../plugin/store/messages/messages.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { inboxOf, queuedTexts } from '../../support/inbox.ts'
import { ACCOUNT, ALICE, BOB, ORG, OUR_NUMBER, given, linkedStore, textFrom } from '../../support/store.ts'

const UP: ConnectionState = { status: 'connected', phone: OUR_NUMBER, since: 0 }
const CONNECTING: ConnectionState = { status: 'connecting' }
const waited = { waited: true }

/** An account whose line has just come up, with nothing told of what waited. */
async function onNewLine() {
  const opened = await linkedStore()
  const scene = await inboxOf(opened.store, {})
  scene.inbox.observe(ACCOUNT, CONNECTING)
  scene.inbox.observe(ACCOUNT, UP)
  return { ...scene, store: opened.store, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() }
}

const turnsOf = (store: Store) =>
  listTurns(store.connection, ORG, { account: null, status: null, limit: 100, before: null })

describe('turns of what waited at WhatsApp', () => {
  it('do not begin before all of it is stored, and hold their chat until then; what is written now elsewhere does not wait', async () => {
    await using line = await onNewLine()
    const { inbox, gateway, store } = line
    gateway.receive(textFrom(ALICE, 'question', waited), textFrom(ALICE, 'behind it'), textFrom(BOB, 'now'))
    await inbox.wake(ACCOUNT, 3)
    expect(await queuedTexts(store)).toEqual(['now'])
    gateway.receive(textFrom(ALICE, 'and the last', waited))
    await inbox.caughtUp(ACCOUNT, 4)
    expect(await queuedTexts(store)).toEqual(['question'])
    expect((await turnsOf(store)).map(({ waitsFor }) => waitsFor)).toEqual([null, null, null, null])
  })

  it('wait until the journal is taken over up to where the gateway told it, however late that is', async () => {
    await using line = await onNewLine()
    const { inbox, gateway, store } = line
    gateway.receive(textFrom(ALICE, 'question', waited))
    await inbox.wake(ACCOUNT, 1)
    gateway.down = new ChannelError('gateway_unreachable')
    await inbox.caughtUp(ACCOUNT, 2)
    expect(await queuedTexts(store)).toEqual([])
    gateway.down = null
    await inbox.wake(ACCOUNT)
    expect(await queuedTexts(store)).toEqual([])
    gateway.receive(textFrom(BOB, 'the last', waited))
    await inbox.wake(ACCOUNT, 2)
    expect((await queuedTexts(store)).toSorted()).toEqual(['question', 'the last'])
  })

  it('wait for the next line when the line or the gateway is lost before', async () => {
    for (const lose of ['line', 'gateway'] as const) {
      await using line = await onNewLine()
      const { inbox, gateway, store } = line
      gateway.receive(textFrom(ALICE, 'question', waited))
      await inbox.wake(ACCOUNT, 1)
      gateway.down = new ChannelError('gateway_unreachable')
      await inbox.caughtUp(ACCOUNT, 1)
      if (lose === 'line') inbox.observe(ACCOUNT, CONNECTING)
      else inbox.gatewayDown()
      gateway.down = null
      gateway.receive(textFrom(BOB, 'of the last line'))
      await inbox.wake(ACCOUNT, 2)
      expect(await queuedTexts(store), lose).toEqual([])
      inbox.observe(ACCOUNT, UP)
      await inbox.caughtUp(ACCOUNT, 2)
      expect((await queuedTexts(store)).toSorted(), lose).toEqual(['of the last line', 'question'])
    }
  })

  it('wait for nothing on a line that has caught up', async () => {
    await using line = await onNewLine()
    const { inbox, gateway, store } = line
    await inbox.caughtUp(ACCOUNT, 0)
    gateway.receive(textFrom(ALICE, 'read at last', waited))
    await inbox.wake(ACCOUNT, 1)
    expect(await queuedTexts(store)).toEqual(['read at last'])
    inbox.observe(ACCOUNT, {
      ...UP,
      status: 'degraded',
      reason: 'backlog_stalled',
      permanent: false,
    } as ConnectionState)
    gateway.receive(textFrom(BOB, 'goes on', waited))
    await inbox.wake(ACCOUNT, 2)
    expect(await queuedTexts(store)).toEqual(['goes on'])
  })

  it('wait for nothing more once the account is not linked', async () => {
    for (const state of [
      { status: 'not_paired', reason: null },
      { status: 'stopped', reason: 'logged_out', permanent: true, detail: '' },
    ] as const satisfies ConnectionState[]) {
      await using line = await onNewLine()
      const { inbox, gateway, store } = line
      gateway.receive(textFrom(ALICE, 'question', waited))
      await inbox.wake(ACCOUNT, 1)
      inbox.observe(ACCOUNT, state)
      await inbox.wake(ACCOUNT)
      expect(await queuedTexts(store)).toEqual(['question'])
    }
  })

  it('wait also where the message could not be read at first, or its sender was not known', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const { inbox, gateway } = await inboxOf(store, { from: given(ALICE.phone) })
    inbox.observe(ACCOUNT, CONNECTING)
    inbox.observe(ACCOUNT, UP)
    gateway.receive(
      { ...textFrom(ALICE, 'read later', { content: { kind: 'undecryptable' } }), stanzaId: 'A' },
      { ...textFrom(ALICE, 'read later'), stanzaId: 'A' },
    )
    await inbox.wake(ACCOUNT, 2)
    expect((await turnsOf(store)).map(({ waitsFor }) => waitsFor)).toEqual(['backlog'])
    await inbox.caughtUp(ACCOUNT, 2)
    expect(await queuedTexts(store)).toEqual(['read later'])
  })

  it('say what they wait for and until when, ten minutes at most', async () => {
    await using line = await onNewLine()
    const { inbox, gateway, store } = line
    gateway.receive(textFrom(ALICE, 'question', waited))
    await inbox.wake(ACCOUNT, 1)
    const [message] = await listMessages(store.connection, ORG, { after: 0, limit: 1 })
    const turn = given(await findTurnOf(store.connection, ORG, given(message).id))
    expect(turn).toMatchObject({ status: 'queued', waitsFor: 'backlog' })
    expect(given(turn.nextAt) - turn.queuedAt).toBeGreaterThanOrEqual(600_000)
    expect(given(turn.nextAt) - turn.queuedAt).toBeLessThan(605_000)
    expect(await nextDueAt(store.connection, Date.now())).toBe(turn.nextAt)
    await store.connection
      .updateTable('turns')
      .set({ backlog_until: Date.now() - 1 })
      .execute()
    expect(await turnsOf(store)).toMatchObject([{ waitsFor: null, nextAt: null }])
    expect(await queuedTexts(store)).toEqual(['question'])
  })
})

describe('a host that begins again', () => {
  it('holds what it left open in linked accounts until their lines have caught up, whatever came live', async () => {
    await using opened = await linkedStore()
    const { store } = opened
    const before = await inboxOf(store, {})
    before.gateway.receive(textFrom(ALICE, 'one'), textFrom(BOB, 'two'))
    await before.inbox.wake(ACCOUNT, 2)
    expect(await queuedTexts(store)).toEqual(['one', 'two'])
    await store.connection.updateTable('turns').set({ status: 'queued' }).execute()

    const { inbox } = await inboxOf(store)
    await inbox.open([ACCOUNT])
    expect(await queuedTexts(store)).toEqual([])
    expect((await turnsOf(store)).map(({ waitsFor }) => waitsFor)).toEqual(['backlog', 'backlog'])
  })
})
