import { setImmediate } from 'node:timers/promises'

/**
 * Returns a function that lets one caller continue per round of the event loop. Many accounts may be opened at once, and accounts
 * that are already open continue in between.
 */
export function createRounds(): () => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  return () => (last = last.then(() => setImmediate()))
}
