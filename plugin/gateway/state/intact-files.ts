import { existsSync, statSync } from 'node:fs'

/** The state in which this process has closed each file, by its path. */
const closed = new Map<string, string>()

/** Identifies a file and its state. Only the system sets the time of the last change (ctime). */
function stateOf(path: string): string {
  const { dev, ino, size, ctimeNs } = statSync(path, { bigint: true })
  return [dev, ino, size, ctimeNs].join(' ')
}

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
