import { setTimeout } from 'node:timers/promises'

/** So many times as long as a piece took, the loop is left to everybody else. */
const REST = 2
const SHORT_MS = 2

let last: Promise<unknown> = Promise.resolve()

/** The pieces of what many may ask for at once, made one after the other for all of them together, each followed by a rest. */
export async function* unhurried<Piece>(pieces: AsyncIterable<Piece>): AsyncGenerator<Piece, void, undefined> {
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
