import { setTimeout } from 'node:timers/promises'

/** After each piece the generator pauses for this multiple of the time that the piece took, so that other work can run. */
const REST = 2
const SHORT_MS = 2

let last: Promise<unknown> = Promise.resolve()

/**
 * Produces the pieces with low priority. Of all callers together only one piece is produced at a time, and a pause follows each
 * piece that took long.
 */
export async function* withLowPriority<Piece>(pieces: AsyncIterable<Piece>): AsyncGenerator<Piece, void, undefined> {
  const making = pieces[Symbol.asyncIterator]()
  const make = async (): Promise<IteratorResult<Piece>> => {
    const begunAt = performance.now()
    const next = await making.next()
    const tookMs = performance.now() - begunAt
    if (tookMs > SHORT_MS) await setTimeout(tookMs * REST)
    return next
  }
  try {
    for (;;) {
      const made = last.then(make)
      last = made.catch(() => undefined)
      const next = await made
      if (next.done) return
      yield next.value
    }
  } finally {
    await making.return?.()
  }
}
