/**
 * Closes console, stdout and stderr to everything but our own log lines, which are written to the descriptor itself:
 * libsignal prints sessions with their private keys (reliability.md §0.10).
 */
export function silence(): void {
  const nothing = (): void => undefined
  for (const method of [
    'assert',
    'debug',
    'dir',
    'dirxml',
    'error',
    'group',
    'info',
    'log',
    'table',
    'trace',
    'warn',
  ]) {
    Reflect.set(console, method, nothing)
  }
  for (const stream of [process.stdout, process.stderr]) stream.write = swallow
}

/** Discards everything that is written and calls the write's callback. */
function swallow(_chunk: unknown, ...rest: unknown[]): boolean {
  const done = rest.find(argument => typeof argument === 'function')
  if (done) process.nextTick(() => Reflect.apply(done, undefined, []))
  return true
}
