import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const PRELOAD = new URL('./set-clock.mjs', import.meta.url).href

/** The clock of a host and its gateway. */
export type SetClock = {
  /** The variables that make a process go by it. */
  readonly environment: Record<string, string>
  /** Sets it so far from the real one; 0 sets it right. */
  set(byMs: number): void
}

/** A clock that is right, kept in a folder. */
export function clockIn(folder: string): SetClock {
  const file = join(folder, 'clock')
  const set = (byMs: number): void => {
    writeFileSync(`${file}.next`, String(byMs))
    renameSync(`${file}.next`, file)
  }
  set(0)
  return { set, environment: { NODE_OPTIONS: `--import ${PRELOAD}`, CLOCK_SET_BY: file } }
}
