import { createReadStream } from 'node:fs'

/**
 * Reads a file piece by piece. The file is opened at the first read: a stream would open it at once, and if nobody reads it, its
 * error would end the process.
 */
export async function* readPieces(path: string): AsyncGenerator<Buffer> {
  yield* createReadStream(path) as AsyncIterable<Buffer>
}
