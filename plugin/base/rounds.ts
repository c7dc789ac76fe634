import { setImmediate } from 'node:timers/promises'

/** Lets one go on in each round of the loop: many accounts may be opened at once, and those that are open go on in between. */
export function createRounds(): () => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  return () => (last = last.then(() => setImmediate()))
}
