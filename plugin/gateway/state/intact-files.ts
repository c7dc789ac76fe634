import { existsSync, statSync } from 'node:fs'

import { fileState } from '../../files/file-state.ts'

/** The state in which this process has closed each file, by its path. */
const closed = new Map<string, string>()

const stateOf = (path: string): string => fileState(statSync(path, { bigint: true }))

/** Records that this process has closed a file that was intact. A log beside it means that the file is not complete. */
export function noteClosed(path: string): void {
  if (existsSync(path) && !existsSync(`${path}-wal`)) closed.set(path, stateOf(path))
}

/**
 * Whether a file is as this process has closed it. SQLite's check reads all of a file, during which no other account of the
 * gateway goes on, and a reload opens the files of an org again.
 */
export function isAsClosed(path: string): boolean {
  const state = closed.get(path)
  closed.delete(path)
  return state !== undefined && state === stateOf(path)
}
