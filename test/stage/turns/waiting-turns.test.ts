import { describe, expect, it } from 'vitest'

import type { StepOutcome, Turn } from '../../../plugin/contract/host.ts'
import { parseOrgId } from '../../../plugin/contract/ids.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { listGivenUp } from '../../../plugin/store/turns/troubled-turns.ts'
import { requeueTurns } from '../../../plugin/store/turns/turns.ts'
import { takeTurns } from '../../support/taken-turns.ts'
import { TurnRequests } from '../../../plugin/turns/turn-requests.ts'
import { echo } from '../../support/host.ts'
import { ALICE, BOB, ORG, given, linkedStore, textFrom } from '../../support/store.ts'
import { type Run, killed, matched, outcomes, running } from '../../support/turns.ts'

const restart = { tool: 'service.restart', effect: 'write', arguments: { name: 'api' } } as const
const page = { account: null, status: null, limit: 10, before: null }

/** An agent that restarts the service first, and says what came of it; `came` keeps what. */
function restarting() {
  const came: StepOutcome[] = []
  const run: Run = async function* run(turn) {
    const step = await turn.step(restart, () => Promise.reject(new Error('the gate lets no write pass yet')))
    came.push(step)
    yield JSON.stringify(step)
  }
  return { came, run }
}

/** A store whose first turn was killed in the middle of a write, with a second turn of that chat behind it. */
async function killedInAWrite() {
  const opened = await linkedStore()
  await matched(opened.store, textFrom(ALICE, 'restart'))
  await matched(opened.store, textFrom(ALICE, 'behind'))
  const { run } = restarting()
  const begun: Turn[] = []
  const turns = await running(opened.store, async function* dying(turn) {
    for await (const _ of run(turn)) begun.push(turn)
    await new Promise(() => undefined)
    yield* []
  })
  await expect.poll(() => begun).toHaveLength(1)
  const { id } = given(begun[0])
  // As if the gate had let it pass: it was begun, and nobody knows how it ended.
  await opened.store.connection.updateTable('steps').set({ status: 'started' }).where('turn_id', '=', id).execute()
  return { opened: await killed(opened, turns), id }
}

const waitingTurns = (store: Store, { log, turns }: Awaited<ReturnType<typeof running>>) =>
  new TurnRequests({ store, log, onQueued: () => turns.wake(), onCancelled: id => turns.cancelled([id]) })

describe('a turn that was killed in the middle of a write', () => {
  it('waits for a person, who sees which tool it was, and lets go of its chat', async () => {
    const { opened, id } = await killedInAWrite()
    await using kept = opened
    const { run, came } = restarting()
    await using turns = await running(kept.store, turn => (turn.message.text === 'restart' ? run(turn) : echo(turn)))
    await turns.line('turn ended', 2)
    expect(await outcomes(kept.store)).toEqual(['restart → needs_operator', 'behind → answered'])
    const waiting = waitingTurns(kept.store, turns)
    expect(await waiting.list(ORG, { ...page, status: 'needs_operator' })).toMatchObject([
      { id, status: 'needs_operator', code: 'step_unknown', attempt: 2, step: { n: 1, tool: 'service.restart' } },
    ])
    expect(came).toEqual([])
  })

  it.each([
    ['repeat', { outcome: 'refused' }],
    ['skip', { outcome: 'done', result: null }],
  ] as const)('goes on as a person decides: %s', async (decision, expected) => {
    const { opened, id } = await killedInAWrite()
    await using kept = opened
    const { run, came } = restarting()
    await using turns = await running(kept.store, turn => (turn.message.text === 'restart' ? run(turn) : echo(turn)))
    await turns.line('turn ended', 2)
    const waiting = waitingTurns(kept.store, turns)
    expect(await waiting.retry(ORG, id, decision)).toMatchObject({ id, status: 'queued', code: null, step: null })
    await turns.line('turn ended', 3)
    expect(came).toMatchObject([expected])
    expect(await outcomes(kept.store)).toEqual(['restart → answered', 'behind → answered'])
    await expect(waiting.retry(ORG, id, decision)).rejects.toThrow('cannot be retried')
  })

  it('needs nobody to decide when its result came in after all', async () => {
    const { opened, id } = await killedInAWrite()
    await using kept = opened
    const { run, came } = restarting()
    await using turns = await running(kept.store, turn => (turn.message.text === 'restart' ? run(turn) : echo(turn)))
    await turns.line('turn ended', 2)
    const known = { status: 'done', result: '"restarted"' } as const
    await kept.store.connection.updateTable('steps').set(known).where('turn_id', '=', id).execute()
    const waiting = waitingTurns(kept.store, turns)
    expect(await waiting.list(ORG, page)).toMatchObject([{ status: 'answered' }, { id, step: null }])
    await waiting.retry(ORG, id, 'repeat')
    await turns.line('turn ended', 3)
    expect(came).toEqual([{ outcome: 'done', result: 'restarted' }])
  })
})

describe('the turns as a person sees them', () => {
  it('are those of their org alone, newest first, page by page', async () => {
    await using opened = await linkedStore()
    await matched(opened.store, textFrom(ALICE, 'one'), textFrom(BOB, 'two'), textFrom(ALICE, 'three'))
    await using turns = await running(opened.store, echo)
    await turns.line('turn ended', 3)
    const waiting = waitingTurns(opened.store, turns)
    const all = await waiting.list(ORG, page)
    expect(all.map(({ attempt, status }) => [attempt, status])).toEqual(Array(3).fill([1, 'answered']))
    expect(await waiting.list(ORG, { ...page, before: given(all[0]).id, limit: 1 })).toEqual([all[1]])
    const stranger = given(parseOrgId('org_other'))
    expect(await waiting.list(stranger, page)).toEqual([])
    await expect(waiting.list(stranger, { ...page, before: given(all[0]).id })).rejects.toThrow('Nothing exists')
    await expect(waiting.retry(stranger, given(all[0]).id, 'repeat')).rejects.toThrow('Nothing exists')
  })

  it('are retried as dead letters behind what they had said already', async () => {
    await using opened = await linkedStore()
    await matched(opened.store, textFrom(ALICE, 'go'))
    let broken = true
    await using turns = await running(opened.store, async function* run() {
      yield 'first'
      if (broken) throw new Error('not yet')
      yield 'second'
    })
    expect((await turns.line('turn ended')).fields).toMatchObject({ status: 'dead_letter' })
    broken = false
    const waiting = waitingTurns(opened.store, turns)
    const [letter] = await waiting.list(ORG, { ...page, status: 'dead_letter' })
    await waiting.retry(ORG, given(letter).id, 'repeat')
    await turns.line('turn ended', 2)
    expect(new Set(turns.said.map(({ said, text }) => `${said.slice(-2)} ${text}`))).toEqual(
      new Set(['#0 first', '#1 second']),
    )
    expect(await outcomes(opened.store)).toEqual(['go → answered'])
  })
})

/** The store, refusing to write so often. */
function refusing(store: Store) {
  const refusals = { left: 0 }
  const transaction = store.transaction.bind(store)
  store.transaction = work => {
    if (refusals.left === 0) return transaction(work)
    refusals.left -= 1
    return Promise.reject(new Error('the disk is full'))
  }
  return refusals
}

describe('a turn whose end cannot be written', () => {
  it('is written later, and then the next one of its chat begins', async () => {
    await using opened = await linkedStore()
    await matched(opened.store, textFrom(ALICE, 'one'), textFrom(ALICE, 'two'))
    const refusals = refusing(opened.store)
    await using turns = await running(opened.store, async function* run(turn) {
      if (turn.message.text === 'one') refusals.left = 2
      yield* echo(turn)
    })
    await turns.line('turn ended', 2)
    expect(turns.lines.filter(({ event }) => event === 'turn not settled')).toHaveLength(2)
    expect(turns.said.map(({ text }) => text)).toEqual(['one', 'two'])
    expect(await outcomes(opened.store)).toEqual(['one → answered', 'two → answered'])
  })
})

describe('a turn that ends its process each time', () => {
  it('waits after the third, so that the others are answered meanwhile', async () => {
    await using opened = await linkedStore()
    await matched(opened.store, textFrom(ALICE, 'bomb'))
    const crash = () => opened.store.transaction(trx => requeueTurns(trx, { most: 20, waitMs: () => 0 }))
    for (let crashes = 0; crashes < 3; crashes += 1) {
      if (crashes > 0) await crash()
      expect(await opened.store.transaction(trx => takeTurns(trx, 10, Date.now()))).toHaveLength(1)
    }
    await matched(opened.store, textFrom(BOB, 'quick'))
    await using turns = await running(opened.store, echo)
    await turns.line('turn ended', 2)
    expect(turns.said.map(({ text }) => text)).toEqual(['quick', 'bomb'])
  })

  it('is set aside as a dead letter after the twentieth, and its chat goes on', async () => {
    await using opened = await linkedStore()
    await matched(opened.store, textFrom(ALICE, 'bomb'), textFrom(ALICE, 'next'))
    for (let crashes = 0; crashes < 19; crashes += 1) {
      await opened.store.transaction(trx => requeueTurns(trx, { most: 20, waitMs: () => 0 }))
      expect(await opened.store.transaction(trx => takeTurns(trx, 10, Date.now()))).toHaveLength(1)
    }
    await opened.store.transaction(trx => requeueTurns(trx, { most: 20, waitMs: () => 0 }))
    await opened.store.transaction(trx => takeTurns(trx, 10, Date.now()))
    await using turns = await running(opened.store, echo)
    await turns.line('turn ended')
    expect(await outcomes(opened.store)).toEqual(['bomb → dead_letter', 'next → answered'])
  })
})

/** An agent that hangs on every word but one, with what it was handed. */
function hanging() {
  const begun: Turn[] = []
  const run: Run = async function* run(turn) {
    if (turn.message.text === 'fail') throw new Error('CRM timeout: POST /orders 504')
    if (turn.message.text !== 'hang') yield turn.message.text
    begun.push(turn)
    if (turn.message.text === 'hang') await new Promise(() => undefined)
  }
  return { begun, run }
}

describe('a turn that a person cancels', () => {
  it('ends while its agent hangs, who is told, and its chat goes on', async () => {
    await using opened = await linkedStore()
    await matched(opened.store, textFrom(ALICE, 'hang'), textFrom(ALICE, 'behind'))
    const { begun, run } = hanging()
    await using turns = await running(opened.store, run, { turnDeadlineMs: 45_000 })
    await expect.poll(() => begun).toHaveLength(1)
    const waiting = waitingTurns(opened.store, turns)
    const [, atIt] = await waiting.list(ORG, page)
    const { id, beganAt, deadlineAt } = given(atIt)
    expect([given(beganAt) <= Date.now(), given(deadlineAt) - given(beganAt)]).toEqual([true, 45_000])
    expect(await waiting.cancel(ORG, id)).toMatchObject({
      id,
      status: 'cancelled',
      code: 'cancelled',
      deadlineAt: null,
    })
    await turns.line('turn ended')
    expect(given(begun[0]).signal.aborted).toBe(true)
    expect(await outcomes(opened.store)).toEqual(['hang → cancelled', 'behind → answered'])
    expect(turns.said.map(({ text }) => text)).toEqual(['behind'])
    await expect(waiting.cancel(ORG, id)).rejects.toThrow('already ended')
    await expect(waiting.retry(ORG, id, 'repeat')).rejects.toThrow('cannot be retried')
  })

  it('need not have begun: what waits behind another one is passed over', async () => {
    await using opened = await linkedStore()
    await matched(opened.store, textFrom(ALICE, 'hang'), textFrom(ALICE, 'behind'), textFrom(ALICE, 'last'))
    const { begun, run } = hanging()
    await using turns = await running(opened.store, run)
    await expect.poll(() => begun).toHaveLength(1)
    const waiting = waitingTurns(opened.store, turns)
    const [, behind, first] = await waiting.list(ORG, page)
    await waiting.cancel(ORG, given(behind).id)
    await waiting.cancel(ORG, given(first).id)
    await turns.line('turn ended')
    expect(turns.said.map(({ text }) => text)).toEqual(['last'])
  })

  it('may have been given up: then nobody has to look at it any more, and what it failed with is still there', async () => {
    await using opened = await linkedStore()
    await matched(opened.store, textFrom(ALICE, 'fail'))
    await using turns = await running(opened.store, hanging().run)
    await turns.line('turn ended')
    const waiting = waitingTurns(opened.store, turns)
    const [dead] = await waiting.list(ORG, { ...page, status: 'dead_letter' })
    const failure = 'Error: CRM timeout: POST /orders 504'
    expect(dead).toMatchObject({ code: 'agent_failed', failure, attempt: 3 })
    await waiting.cancel(ORG, given(dead).id)
    expect(await listGivenUp(opened.store.connection)).toEqual([])
    expect(await waiting.list(ORG, page)).toMatchObject([{ status: 'cancelled', failure }])
  })

  it('is nobody else’s', async () => {
    await using opened = await linkedStore()
    await matched(opened.store, textFrom(ALICE, 'hang'))
    const { begun, run } = hanging()
    await using turns = await running(opened.store, run)
    await expect.poll(() => begun).toHaveLength(1)
    const waiting = waitingTurns(opened.store, turns)
    const stranger = given(parseOrgId('org_other'))
    await expect(waiting.cancel(stranger, given(begun[0]).id)).rejects.toThrow('Nothing exists')
    expect(given(begun[0]).signal.aborted).toBe(false)
  })
})

describe('what an agent throws', () => {
  it('is logged by class and code, as a warning while it is tried again and as an error when it is given up', async () => {
    await using opened = await linkedStore()
    await matched(opened.store, textFrom(ALICE, 'fail'))
    await using turns = await running(opened.store, hanging().run)
    const { fields } = await turns.line('turn ended')
    const logged = turns.lines.filter(({ event }) => event === 'turn failed' || event === 'turn ended')
    expect(logged.map(({ level, event }) => [level, event])).toEqual([
      ['warn', 'turn failed'],
      ['warn', 'turn failed'],
      ['error', 'turn ended'],
    ])
    expect(fields).toMatchObject({ code: 'agent_failed', error: 'Error', error_code: null })
    expect(JSON.stringify(turns.lines)).not.toContain('CRM')
  })
})
