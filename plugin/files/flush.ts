import { closeSync, fdatasync, fdatasyncSync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Flushes the commits of a SQLite database in WAL mode with `synchronous=NORMAL` to the disk. Such a commit survives the end of the
 * process at once, and a power cut from the next flush on. One flush serves all waiting callers and blocks nobody. With `FULL`,
 * each commit would block the process for a flush of its own.
 */
export type Flush = {
  /** Resolves when everything committed before the call is on the disk. Rejects if the disk fails. */
  readonly flushed: () => Promise<void>
  /** The same, done before it returns, for callers that answer in the same turn of the event loop. @throws if the disk fails. */
  readonly flushNow: () => void
  /** Called when the database has been closed, which writes everything to the disk. Idempotent. */
  readonly close: () => void
}

/**
 * Opens the WAL beside the database. SQLite must have opened the database before. `changes` counts commits: if there were none,
 * nothing is flushed.
 */
export function openFlush(databasePath: string, changes: () => number): Flush {
  const log = openSync(`${databasePath}-wal`, 'r')
  syncFolder(dirname(databasePath))
  const state: State = { log, changes, running: null, next: null, through: -1, refusal: null, closed: false }
  return {
    flushed: () => flushed(state),
    flushNow: () => {
      if (state.closed) return
      if (state.refusal) throw state.refusal
      try {
        fdatasyncSync(log)
      } catch (error) {
        throw refused(state, error as Error)
      }
    },
    close: () => {
      if (state.closed) return
      state.closed = true
      if (!state.running) closeSync(log)
    },
  }
}

type State = {
  readonly log: number
  readonly changes: () => number
  running: Promise<void> | null
  /** The next flush, for callers who came after the running one had begun. */
  next: Promise<void> | null
  /** The changes that the last started flush covers. */
  through: number
  /** After a failure the kernel treats the lost pages as written, so a later success would be false. */
  refusal: Error | null
  closed: boolean
}

function refused(state: State, error: Error): Error {
  state.refusal ??= error
  return error
}

function flushed(state: State): Promise<void> {
  if (state.closed) return Promise.resolve()
  if (state.refusal) return Promise.reject(state.refusal)
  if (state.changes() === state.through) return state.running ?? Promise.resolve()
  if (!state.running) return begin(state)
  const again = (): Promise<void> => {
    state.next = null
    return flushed(state)
  }
  state.next ??= state.running.then(again, again)
  return state.next
}

function begin(state: State): Promise<void> {
  state.through = state.changes()
  state.running = new Promise<void>((resolve, reject) => {
    fdatasync(state.log, error => {
      state.running = null
      if (state.closed) closeSync(state.log)
      if (error) reject(refused(state, error))
      else resolve()
    })
  })
  return state.running
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  fsyncSync(folder)
  closeSync(folder)
}
