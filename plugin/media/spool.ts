import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

import { ChannelError } from '../contract/errors/errors.ts'
import { readPieces } from '../files/read-file.ts'
import { sniffedType } from '../files/sniffed-type.ts'

/** A file in the spool until it is disposed of. */
export type HeldFile = AsyncDisposable & {
  /** Mode 0600. */
  readonly path: string
  readonly sizeBytes: number
  /** In hex. */
  readonly sha256: string
  /** The type detected from its bytes; null if unknown. */
  readonly mime: string | null
  readonly read: () => AsyncIterable<Uint8Array>
}

/** Temporary files on their way from one place to another. Each is kept for as long as it is needed. */
export class Spool {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Empties the spool: nobody needs the files of an earlier process. */
  async open(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
    await mkdir(this.#folder, { mode: 0o700 })
  }

  /** Writes a file as its bytes arrive. @throws ChannelError `media_too_large` as soon as it is. */
  async hold(content: AsyncIterable<Uint8Array>, mostBytes: number): Promise<HeldFile> {
    const path = join(this.#folder, randomBytes(12).toString('hex'))
    const remove = (): Promise<void> => rm(path, { force: true })
    try {
      const counting = new Counting(mostBytes)
      // Opened first: a stream that is destroyed while it opens its file would still create it.
      const file = await open(path, 'wx', 0o600)
      await pipeline(content, chunks => counting.pass(chunks), file.createWriteStream())
      const mime = await sniffedType(path)
      return { path, ...counting.seen(), mime, read: () => readPieces(path), [Symbol.asyncDispose]: remove }
    } catch (error) {
      await remove()
      throw error
    }
  }
}

class Counting {
  readonly #mostBytes: number
  readonly #hash = createHash('sha256')
  #sizeBytes = 0

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  async *pass(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      this.#sizeBytes += chunk.length
      if (this.#sizeBytes > this.#mostBytes) throw new ChannelError('media_too_large')
      this.#hash.update(chunk)
      yield chunk
    }
  }

  seen(): Pick<HeldFile, 'sizeBytes' | 'sha256'> {
    return { sizeBytes: this.#sizeBytes, sha256: this.#hash.digest('hex') }
  }
}
