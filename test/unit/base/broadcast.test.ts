import { describe, expect, it } from 'vitest'

import { Watchable } from '../../../plugin/base/watchable.ts'

const never = new AbortController().signal

describe('a broadcast', () => {
  it('shows the value that stands and then each change', async () => {
    const broadcast = new Watchable('first')
    const watcher = broadcast.watch(never)
    expect((await watcher.next()).value).toBe('first')
    const second = watcher.next()
    broadcast.publish('second')
    expect((await second).value).toBe('second')
  })

  it('lets a slow watcher skip to the newest', async () => {
    const broadcast = new Watchable(0)
    const watcher = broadcast.watch(never)
    await watcher.next()
    for (let value = 1; value <= 1_000; value++) broadcast.publish(value)
    expect((await watcher.next()).value).toBe(1_000)
  })

  it('ends a watcher whose signal is aborted, without an error', async () => {
    const abort = new AbortController()
    const watcher = new Watchable(0).watch(abort.signal)
    await watcher.next()
    const waiting = watcher.next()
    abort.abort(new Error('gone'))
    expect(await waiting).toEqual({ done: true, value: undefined })
  })

  it('shows its last value to every watcher before it ends them', async () => {
    const broadcast = new Watchable('running')
    const watcher = broadcast.watch(never)
    await watcher.next()
    broadcast.publish('over')
    broadcast.end()
    const rest: string[] = []
    for await (const value of watcher) rest.push(value)
    expect(rest).toEqual(['over'])
  })
})
