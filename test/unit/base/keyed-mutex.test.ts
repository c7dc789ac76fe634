import { describe, expect, it } from 'vitest'

import { KeyedMutex } from '../../../plugin/base/keyed-mutex.ts'

const north = 'org/north'
const south = 'org/south'

/** A door that a test opens. */
function door() {
  let open: () => void = () => undefined
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  return { opened, open }
}

describe('the keyed mutex', () => {
  it('runs work under one key one after the other, also after work that failed', async () => {
    const mutex = new KeyedMutex()
    const steps: string[] = []
    const first = door()
    const failed = mutex.run(north, async () => {
      steps.push('first begins')
      await first.opened
      steps.push('first ends')
      throw new Error('it failed')
    })
    const second = mutex.run(north, async () => void steps.push('second'))
    first.open()
    await expect(failed).rejects.toThrow('it failed')
    await second
    expect(steps).toEqual(['first begins', 'first ends', 'second'])
  })

  it('does not let one key hold up another', async () => {
    const mutex = new KeyedMutex()
    const stuck = door()
    const waiting = mutex.run(north, () => stuck.opened)
    expect(await mutex.run(south, () => Promise.resolve('through'))).toBe('through')
    stuck.open()
    await waiting
  })

  it('runs exclusive work alone', async () => {
    const mutex = new KeyedMutex()
    const steps: string[] = []
    const first = door()
    const before = mutex.run(north, async () => {
      await first.opened
      steps.push('before')
    })
    const exclusive = mutex.runExclusive(async () => void steps.push('exclusive'))
    const after = mutex.run(south, async () => void steps.push('after'))
    first.open()
    await Promise.all([before, exclusive, after])
    expect(steps).toEqual(['before', 'exclusive', 'after'])
  })
})
