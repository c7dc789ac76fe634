import { describe, expect, it } from 'vitest'

import { Recent } from '../../../../host-stub/whatsapp/world/recent.ts'

function filled(limits: { entries: number; bytes: number }, sizes: readonly number[]) {
  const recent = new Recent<number, string>(limits)
  for (const [n, bytes] of sizes.entries()) recent.add(n, `entry ${n}`, bytes)
  return recent
}

describe('recent entries', () => {
  it('are the newest ones, as many as there may be', () => {
    const recent = filled({ entries: 2, bytes: 100 }, [1, 1, 1])
    expect(recent.values()).toEqual(['entry 1', 'entry 2'])
    expect([recent.has(0), recent.get(0), recent.get(2)]).toEqual([false, undefined, 'entry 2'])
  })

  it('are no more than their bytes allow', () => {
    expect(filled({ entries: 10, bytes: 100 }, [60, 30, 10, 50]).values()).toEqual(['entry 1', 'entry 2', 'entry 3'])
    expect(filled({ entries: 10, bytes: 100 }, [10, 90, 10, 90]).values()).toEqual(['entry 2', 'entry 3'])
  })

  it('have the newest one, however big it is', () => {
    expect(filled({ entries: 10, bytes: 100 }, [10, 500]).values()).toEqual(['entry 1'])
  })

  it('keep what came first under a key', () => {
    const recent = filled({ entries: 10, bytes: 100 }, [60])
    recent.add(0, 'again', 60)
    recent.add(1, 'entry 1', 40)
    expect(recent.values()).toEqual(['entry 0', 'entry 1'])
  })
})
