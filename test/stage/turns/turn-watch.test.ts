import { describe, expect, it } from 'vitest'

import type { OrgId } from '../../../plugin/contract/ids.ts'
import type { ListedTurn, TurnStatus } from '../../../plugin/contract/turn.ts'
import { TurnFeed } from '../../../plugin/turns/turn-feed.ts'
import { alone } from '../../support/alone.ts'
import { approvalDesk, boundTo } from '../../support/approval-desk.ts'
import { ALICE, BOB, given, linkedStore, ORG, textFrom } from '../../support/store.ts'

const failing = (): never => {
  throw new Error('not today')
}

type Told = AsyncIterator<ListedTurn, void>

async function next(turns: Told): Promise<ListedTurn> {
  const told = await turns.next()
  if (told.done === true) throw new Error('the turns have ended')
  return told.value
}

/** Reads until a turn is told of in that status. */
async function until(turns: Told, status: TurnStatus): Promise<ListedTurn> {
  for (;;) {
    const turn = await next(turns)
    if (turn.status === status) return turn
  }
}

describe('turns', () => {
  it('are told of to those who watch, also when a person lets one go on, and to nobody else', async () => {
    await using opened = await boundTo(await linkedStore())
    const watch = new TurnFeed(opened.store, alone)
    await using desk = await approvalDesk(opened.store, [])
    const { signal } = new AbortController()
    const turns = watch.watch(ORG, signal)
    const elsewhere = watch.watch('org_other' as OrgId, signal).next()
    const first = next(turns)
    await desk.receive(textFrom(ALICE, 'restart billing'))
    const { id } = await first
    expect(await until(turns, 'awaiting_approval')).toMatchObject({ id })
    const [approval] = await desk.approvals.list(ORG, { status: 'pending', limit: 1, before: null })
    // Nobody takes it up: that it is queued again is all there is to tell.
    await desk.turns.close()
    await desk.approvals.decide(ORG, given(approval).id, { approved: true, note: null, by: 'usr_admin' })
    expect(await next(turns)).toMatchObject({ id, status: 'queued', attempt: 1 })
    watch.end()
    expect(await turns.next()).toEqual({ done: true, value: undefined })
    expect(await elsewhere).toEqual({ done: true, value: undefined })
  })

  it('are skipped to their newest states for whoever is slow, each of them', async () => {
    await using opened = await boundTo(await linkedStore())
    const watch = new TurnFeed(opened.store, alone)
    await using desk = await approvalDesk(opened.store, [])
    const hungUp = new AbortController()
    const turns = watch.watch(ORG, hungUp.signal)
    const first = next(turns)
    await desk.receive(textFrom(ALICE, 'one'))
    const { id } = await first
    await desk.receive(textFrom(ALICE, 'two'), textFrom(BOB, 'three'))
    await desk.settled(3)
    const rest = [await next(turns), await next(turns), await next(turns)]
    expect(rest.map(({ status }) => status)).toEqual(['answered', 'answered', 'answered'])
    expect(new Set(rest.map(turn => turn.id)).size).toBe(3)
    expect(rest.map(turn => turn.id)).toContain(id)
    hungUp.abort()
    expect(await turns.next()).toEqual({ done: true, value: undefined })
  })

  it('that are cancelled or fail are told of as well', async () => {
    await using opened = await boundTo(await linkedStore())
    const watch = new TurnFeed(opened.store, alone)
    await using desk = await approvalDesk(opened.store, [], { plan: failing })
    const turns = watch.watch(ORG, new AbortController().signal)
    const first = next(turns)
    const [message, other] = [textFrom(ALICE, 'one'), textFrom(ALICE, 'two')]
    await desk.receive(message, other)
    const { id } = await first
    let waiting = await next(turns)
    while (waiting.id === id) waiting = await next(turns)
    await desk.receive(textFrom(ALICE, '', { content: { kind: 'revoke', target: other.stanzaId } }))
    expect(await until(turns, 'cancelled')).toMatchObject({ id: waiting.id, attempt: 0 })
    expect(await until(turns, 'dead_letter')).toMatchObject({ code: 'agent_failed' })
  })
})
