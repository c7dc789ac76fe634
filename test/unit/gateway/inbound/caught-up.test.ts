import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { createCaughtUp } from '../../../../plugin/gateway/inbound/caught-up.ts'

const PATIENCE_MS = 30_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A line on which stanzas come and are settled, by their position. */
function line() {
  const open = new Set<number>()
  const told: number[] = []
  const journal = { newest: 0, head: 0 }
  const caughtUp = createCaughtUp({
    log: {
      newest: () => journal.newest,
      isOpenTo: position => [...open].some(each => each <= position),
    },
    head: () => journal.head,
    patienceMs: PATIENCE_MS,
    told: head => told.push(head),
  })
  const came = (): void => void open.add((journal.newest += 1))
  const settled = (position: number): void => {
    open.delete(position)
    journal.head += 1
    caughtUp.look()
  }
  return { ...caughtUp, came, settled, told }
}

describe('the end of a backlog', () => {
  it('is told once, at once when all before it is in the journal', () => {
    const { came, settled, over, look, told } = line()
    came()
    settled(1)
    over()
    look()
    expect(told).toEqual([1])
  })

  it('waits for what came before it, in whichever order that is settled, and not for what came behind', () => {
    const { came, settled, over, told } = line()
    came()
    came()
    over()
    came()
    settled(2)
    expect(told).toEqual([])
    settled(1)
    expect(told).toEqual([2])
    settled(3)
    vi.advanceTimersByTime(PATIENCE_MS)
    expect(told).toEqual([2])
  })

  it('waits for what cannot be read for a while only, and not at all on a line that is gone', () => {
    const { came, over, ended, told } = line()
    came()
    over()
    ended()
    vi.advanceTimersByTime(PATIENCE_MS)
    expect(told).toEqual([])
    over()
    vi.advanceTimersByTime(PATIENCE_MS - 1)
    expect(told).toEqual([])
    vi.advanceTimersByTime(1)
    expect(told).toEqual([0])
    expect(vi.getTimerCount()).toBe(0)
  })
})
