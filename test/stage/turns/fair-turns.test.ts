import { EventEmitter, once } from 'node:events'

import { describe, expect, it } from 'vitest'

import type { Turn } from '../../../plugin/contract/host.ts'
import type { Store } from '../../../plugin/store/database.ts'
import { readyTurns } from '../../../plugin/store/turns/ready-turns.ts'
import { emptyStore } from '../../support/store.ts'
import { manyWrite, tenant } from '../../support/tenants.ts'
import { running } from '../../support/turns.ts'

/** Whoever says this is never answered. */
const STUCK = 'stuck'

/** An agent that hangs over what is stuck and echoes everything else, and for how many turns of each account it was asked. */
async function hanging(store: Store) {
  const begun = new Map<string, number>()
  const asked = new EventEmitter()
  const made = await running(store, async function* run(turn: Turn) {
    const { text, to } = turn.message
    begun.set(to, (begun.get(to) ?? 0) + 1)
    asked.emit('turn')
    if (text === STUCK && !turn.signal.aborted) await once(turn.signal, 'abort')
    yield text
  })
  const counts = () => [...begun.values()]
  const askedFor = async (turns: number): Promise<number[]> => {
    while (counts().reduce((sum, count) => sum + count, 0) < turns) {
      await once(asked, 'turn', { signal: AbortSignal.timeout(10_000) })
    }
    return counts()
  }
  return { ...made, askedFor }
}

describe('the turns of an org', () => {
  it('begin at once, though 64 people of another have an agent that never ends', async () => {
    await using opened = await emptyStore()
    const { store } = opened
    const [b, a] = [await tenant(store, 'org_b', 1), await tenant(store, 'org_a', 2)]
    await manyWrite(store, b, { count: 64, text: STUCK })
    await using turns = await hanging(store)
    await turns.line('turn begun', 64)
    await manyWrite(store, a, { count: 1, text: 'hello' })
    turns.turns.wake()
    await turns.line('turn ended')
    expect(turns.said.map(({ text }) => text)).toEqual(['hello'])
  })

  it('begin at once, however many other orgs have an agent that never ends', async () => {
    await using opened = await emptyStore()
    const { store } = opened
    for (let n = 1; n <= 9; n += 1) {
      await manyWrite(store, await tenant(store, `org_${n}`, n), { count: 70, text: STUCK })
    }
    await using turns = await hanging(store)
    await turns.line('turn begun', 64)
    await manyWrite(store, await tenant(store, 'org_a', 10), { count: 1, text: 'hello' })
    turns.turns.wake()
    await turns.line('turn ended')
    expect(turns.said.map(({ text }) => text)).toEqual(['hello'])
  })

  it('are as many as there are places while no other waits, and are taken in turn with those of others', async () => {
    await using opened = await emptyStore()
    const { store } = opened
    const [b, a] = [await tenant(store, 'org_b', 1), await tenant(store, 'org_a', 2)]
    await manyWrite(store, b, { count: 100, text: STUCK })
    await manyWrite(store, a, { count: 100, text: STUCK })
    await using turns = await hanging(store)
    expect(await turns.askedFor(72)).toEqual([36, 36])
  })

  it('of one of its accounts begin at once, though those of another never end', async () => {
    await using opened = await emptyStore()
    const { store } = opened
    const [one, other] = [await tenant(store, 'org_a', 1), await tenant(store, 'org_a', 2)]
    await manyWrite(store, one, { count: 100, text: STUCK })
    await using turns = await hanging(store)
    await turns.line('turn begun', 64)
    await manyWrite(store, other, { count: 1, text: 'hello' })
    turns.turns.wake()
    await turns.line('turn ended')
    expect(turns.said.map(({ text }) => text)).toEqual(['hello'])
  })

  it('are not even looked at while it has no room, however many wait, and those of others are', async () => {
    await using opened = await emptyStore()
    const { store } = opened
    for (const [n, org] of ['org_a', 'org_b', 'org_b', 'org_c'].entries()) {
      await manyWrite(store, await tenant(store, org, n + 1), { count: 3, text: 'hello' })
    }
    const ready = await readyTurns(store.connection, {
      now: Date.now(),
      most: 2,
      hasRoom: ({ org }) => org !== 'org_b',
    })
    expect(ready.map(({ org }) => org)).toEqual(['org_a', 'org_a', 'org_c', 'org_c'])
  })

  it('that wait for an instant begin then, though what began before them never ends', async () => {
    await using opened = await emptyStore()
    const { store } = opened
    const a = await tenant(store, 'org_a', 1)
    await manyWrite(store, a, { count: 3, text: STUCK })
    const soon = Date.now() + 300
    const [first, second] = await store.connection.selectFrom('turns').select('id').orderBy('id').execute()
    for (const [turn, at] of [
      [first, soon],
      [second, soon + 300],
    ] as const)
      await store.connection
        .updateTable('turns')
        .set({ gathers_until: at })
        .where('id', '=', turn?.id ?? '')
        .execute()
    await using turns = await hanging(store)
    expect(await turns.askedFor(3)).toEqual([3])
  })
})

describe('the turns of a chat', () => {
  it('that were queued first wait for one turn of each other chat, and not for all that those have queued', async () => {
    await using opened = await emptyStore()
    const { store } = opened
    const a = await tenant(store, 'org_a', 1)
    for (let round = 0; round < 3; round += 1) await manyWrite(store, a, { count: 64, text: `flood ${round}` })
    await manyWrite(store, a, { count: 1, from: 100, text: 'once' })
    await using turns = await running(store, async function* run({ message }) {
      yield message.text
    })
    await turns.line('turn ended', 193)
    const place = turns.said.findIndex(({ text }) => text === 'once')
    expect(place).toBeLessThan(129)
  })
})
