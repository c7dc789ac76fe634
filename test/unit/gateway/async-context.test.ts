import { AsyncLocalStorage, executionAsyncResource } from 'node:async_hooks'
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { setImmediate as turn } from 'node:timers/promises'
import { addTransactionCapability } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { shareAsyncContext } from '../../../plugin/gateway/async-context.ts'
import { createBaileysLog } from '../../../plugin/gateway/connection/baileys-log.ts'

const Native = AsyncLocalStorage
const nothing = (): void => undefined
const logger = createBaileysLog({ trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing })

/** How many storages Node carries along with a promise: on Node 20 and 22, one symbol on it for each. */
async function carried(): Promise<number> {
  await Promise.resolve()
  return Object.getOwnPropertySymbols(executionAsyncResource()).length
}

/** What Baileys does for each socket, with one transaction in it. */
async function socketOfBaileys(): Promise<void> {
  const keys = addTransactionCapability({ get: async () => ({}), set: async () => undefined }, logger, {
    maxCommitRetries: 1,
    delayBetweenTriesMs: 0,
  })
  await keys.transaction(async () => expect(keys.isInTransaction()).toBe(true), 'pre-key')
  expect(keys.isInTransaction()).toBe(false)
}

beforeAll(() => {
  // As Node 22 has it: a getter, to which nothing can be assigned.
  const module = createRequire(import.meta.url)('node:async_hooks')
  Object.defineProperty(module, 'AsyncLocalStorage', { get: () => Native, enumerable: true, configurable: true })
  shareAsyncContext()
})
afterAll(() => {
  createRequire(import.meta.url)('node:async_hooks').AsyncLocalStorage = Native
  syncBuiltinESMExports()
})

describe('the asynchronous context of the gateway', () => {
  it('costs no more after a hundred sockets of Baileys than after one', async () => {
    await socketOfBaileys()
    const before = await carried()
    for (let sockets = 1; sockets < 100; sockets += 1) await socketOfBaileys()
    expect(await carried()).toBe(before)
  })

  it.each([
    ["as Node's own", () => new Native<string>()],
    ['as the shared one', () => new AsyncLocalStorage<string>()],
  ])('behaves %s', async (_name, create) => {
    const [first, second] = [create(), create()]
    const seen = (): (string | undefined)[] => [first.getStore(), second.getStore()]
    const heard = await first.run('a', async () => {
      await turn()
      const inner = second.run('b', async () => {
        await turn()
        return [seen(), first.run('c', seen), first.exit(seen), seen()]
      })
      return [seen(), ...(await inner), seen()]
    })
    expect(heard).toEqual([
      ['a', undefined],
      ['a', 'b'],
      ['c', 'b'],
      [undefined, 'b'],
      ['a', 'b'],
      ['a', undefined],
    ])
    expect(seen()).toEqual([undefined, undefined])
    expect(first.run('d', (...of) => [...of, first.getStore()], 1, 2)).toEqual([1, 2, 'd'])
    expect(() =>
      first.run('e', () => {
        throw new Error('ended')
      }),
    ).toThrow('ended')
    expect(seen()).toEqual([undefined, undefined])
  })

  it.each([
    ["as Node's own", () => new Native<string>()],
    ['as the shared one', () => new AsyncLocalStorage<string>()],
  ])('is entered and disabled %s', async (_name, create) => {
    const [first, second] = [create(), create()]
    const after = await second.run('kept', async () => {
      first.enterWith('entered')
      await turn()
      const entered = first.getStore()
      first.disable()
      return [entered, first.getStore(), second.getStore(), first.run('again', () => first.getStore())]
    })
    expect(after).toEqual(['entered', undefined, 'kept', 'again'])
    second.disable()
  })

  it('is seen by what was bound, as when it was bound', () => {
    const storage = new AsyncLocalStorage<string>()
    const bound = storage.run('then', () => AsyncLocalStorage.bind(() => storage.getStore()))
    const snapshot = storage.run('there', () => AsyncLocalStorage.snapshot())
    expect(storage.run('now', () => [bound(), snapshot(() => storage.getStore())])).toEqual(['then', 'there'])
  })
})
