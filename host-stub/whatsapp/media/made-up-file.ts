import { createCipheriv, createHash } from 'node:crypto'
import { Readable } from 'node:stream'

const chunkBytes = 262_144

/** Generates this many random-looking bytes, the same for the same seed. */
export function madeUpFile(sizeBytes: number, seed: string): Readable {
  const key = createHash('sha256').update(seed).digest()
  const keystream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
  function* chunks(): Generator<Buffer> {
    for (let left = sizeBytes; left > 0; left -= chunkBytes) {
      yield keystream.update(Buffer.alloc(Math.min(left, chunkBytes)))
    }
  }
  return Readable.from(chunks())
}
