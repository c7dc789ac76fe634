import fs from 'node:fs'

import { vi } from 'vitest'

/** A disk on which a stream's file is opened only when `opens` is called: after whatever went wrong with the stream. */
export function slowDisk(): Disposable & { readonly opens: () => Promise<void> } {
  const { open } = fs
  const waiting: (() => Promise<void>)[] = []
  const spy = vi.spyOn(fs, 'open').mockImplementation(((...words: unknown[]) => {
    const done = words.pop() as (...result: unknown[]) => void
    const opens = (resolve: () => void): void => {
      const opened = (...result: unknown[]): void => {
        done(...result)
        resolve()
      }
      Reflect.apply(open, fs, [...words, opened])
    }
    waiting.push(() => new Promise(opens))
  }) as typeof fs.open)
  return {
    opens: async () => void (await Promise.all(waiting.splice(0).map(each => each()))),
    [Symbol.dispose]: () => spy.mockRestore(),
  }
}

/** What no code of ours has caught since. */
export function uncaught(): Disposable & { readonly errors: readonly unknown[] } {
  const errors: unknown[] = []
  const note = (error: unknown): void => void errors.push(error)
  process.on('uncaughtException', note)
  return { errors, [Symbol.dispose]: () => process.off('uncaughtException', note) }
}

/** A file of which one byte comes before it ends in an error. */
export async function* brokenOff(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('h')
  throw new Error('broken off')
}
