import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'

/** The disk as this process sees it: it can be told to wait with what it is asked to put down, or to refuse it. */
export function watchedDisk() {
  const { fdatasync, fdatasyncSync } = fs
  const held: (() => void)[] = []
  const disk = { flushes: 0, refuses: false, holds: false }
  const refusal = (): Error => Object.assign(new Error('the disk refuses'), { code: 'EIO' })
  const put = (file: number, done: (error: Error | null) => void): void => {
    disk.flushes += 1
    if (disk.refuses) done(refusal())
    else fdatasync(file, done)
  }
  Object.assign(fs, {
    fdatasync: (file: number, done: (error: Error | null) => void) => {
      if (disk.holds) held.push(() => put(file, done))
      else put(file, done)
    },
    fdatasyncSync: (file: number) => {
      disk.flushes += 1
      if (disk.refuses) throw refusal()
      fdatasyncSync(file)
    },
  })
  syncBuiltinESMExports()
  return Object.assign(disk, {
    /** Lets go of what it was told to wait with. */
    release: () => {
      disk.holds = false
      for (const go of held.splice(0)) go()
    },
    [Symbol.asyncDispose]: () => {
      Object.assign(fs, { fdatasync, fdatasyncSync })
      syncBuiltinESMExports()
      return Promise.resolve()
    },
  })
}

/** A disk that has put everything down before anybody can wait for it: for stories in which only time passes. */
export function instantDisk(): Disposable {
  const { fdatasync, fdatasyncSync } = fs
  Object.assign(fs, {
    fdatasync: (file: number, done: (error: Error | null) => void) => {
      fdatasyncSync(file)
      queueMicrotask(() => done(null))
    },
  })
  syncBuiltinESMExports()
  return {
    [Symbol.dispose]: () => {
      Object.assign(fs, { fdatasync })
      syncBuiltinESMExports()
    },
  }
}

/** In which order files are put down and named in this process; a folder is put down by its name. */
export function watchedNames(): Disposable & { readonly steps: readonly string[] } {
  const { fsyncSync, renameSync, openSync } = fs
  const steps: string[] = []
  const names = new Map<number, string>()
  Object.assign(fs, {
    openSync: (...given: Parameters<typeof openSync>) => {
      const file = openSync(...given)
      names.set(file, basename(String(given[0])))
      return file
    },
    fsyncSync: (file: number) => {
      steps.push(names.get(file) ?? 'unknown')
      fsyncSync(file)
    },
    renameSync: (from: string, to: string) => {
      steps.push(`${basename(from)} → ${basename(to)}`)
      renameSync(from, to)
    },
  })
  syncBuiltinESMExports()
  return {
    steps,
    [Symbol.dispose]: () => {
      Object.assign(fs, { fsyncSync, renameSync, openSync })
      syncBuiltinESMExports()
    },
  }
}
