import { closeSync, fdatasync, fdatasyncSync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Puts on the disk what was committed to a SQLite database in WAL mode with `synchronous=NORMAL`: such a commit outlives
 * the process at once, and a power cut from the next flush on. One flush serves all who wait, and blocks nobody; with
 * `FULL` each commit would hold the process up for a flush of its own.
 */
export type Flush = {
  /** Resolves once all that was committed before the call is on the disk. Rejects when the disk refuses. */
  readonly flushed: () => Promise<void>
  /** The same before it returns, for what is answered for in the same turn of the event loop. @throws when the disk refuses. */
  readonly flushNow: () => void
  /** Called when the database has been closed, which puts all of it on the disk. Idempotent. */
  readonly close: () => void
}

/**
 * Opens the log that is beside the database; it must have been opened by SQLite before. `changes` counts what was
 * committed: where nothing was, nothing is flushed.
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
  /** For those who came after the running one had begun. */
  next: Promise<void> | null
  /** The changes that the last flush that was begun covers. */
  through: number
  /** After one refusal the kernel holds the lost pages for written, so a later success would be a lie. */
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
