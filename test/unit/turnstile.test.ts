import { describe, expect, it } from 'vitest'

import { DEFAULT_ACCOUNT, parseAccountName } from '../../plugin/contract/ids.ts'
import { Turnstile } from '../../plugin/base/keyed-mutex.ts'
import { given, ORG } from '../support/store.ts'

const north = { org: ORG, account: DEFAULT_ACCOUNT }
const south = { org: ORG, account: given(parseAccountName('south')) }

/** A door that a test opens. */
function door() {
  let open: () => void = () => undefined
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  return { opened, open }
}

describe('the turnstile', () => {
  it('lets operations of one account through one after the other, also past one that failed', async () => {
    const turnstile = new Turnstile()
    const steps: string[] = []
    const first = door()
    const failed = turnstile.alone(north, async () => {
      steps.push('first begins')
      await first.opened
      steps.push('first ends')
      throw new Error('it failed')
    })
    const second = turnstile.alone(north, async () => void steps.push('second'))
    first.open()
    await expect(failed).rejects.toThrow('it failed')
    await second
    expect(steps).toEqual(['first begins', 'first ends', 'second'])
  })

  it('does not let one account hold up another of its org', async () => {
    const turnstile = new Turnstile()
    const stuck = door()
    const waiting = turnstile.alone(north, () => stuck.opened)
    expect(await turnstile.alone(south, () => Promise.resolve('through'))).toBe('through')
    stuck.open()
    await waiting
  })

  it('lets what concerns everybody through alone', async () => {
    const turnstile = new Turnstile()
    const steps: string[] = []
    const first = door()
    const before = turnstile.alone(north, async () => {
      await first.opened
      steps.push('before')
    })
    const everybody = turnstile.everybody(async () => void steps.push('everybody'))
    const after = turnstile.alone(south, async () => void steps.push('after'))
    first.open()
    await Promise.all([before, everybody, after])
    expect(steps).toEqual(['before', 'everybody', 'after'])
  })
})
