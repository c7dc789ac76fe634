import { createHash } from 'node:crypto'
import { PassThrough, pipeline, type Readable } from 'node:stream'

/** The expected size and hash of bytes. The hash is null for a part of a file, because it is not known. */
export type Expected = { readonly sizeBytes: number; readonly sha256: string | null }

/** The bytes differ from what was announced. */
export class OtherFile extends Error {
  constructor() {
    super('these are other bytes than was said')
    this.name = 'OtherFile'
  }
}

/**
 * Passes a file on as it is read. @throws OtherFile if its size or hash is not the expected one; a wrong hash shows only at the
 * end.
 */
export async function* verified(
  content: AsyncIterable<Uint8Array>,
  { sizeBytes, sha256 }: Expected,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let length = 0
  for await (const chunk of content) {
    length += chunk.length
    if (length > sizeBytes) throw new OtherFile()
    hash.update(chunk)
    yield chunk
  }
  if (length !== sizeBytes || (sha256 !== null && hash.digest('hex') !== sha256)) throw new OtherFile()
}

/**
 * Holds the last piece back until the file was read to its end, so that a reader that has received all announced bytes can rely on
 * them.
 */
async function* lastWhenVerified(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | null = null
  for await (const chunk of content) {
    if (held) yield held
    held = chunk
  }
  if (held) yield held
}

/** A stream of the same bytes. If they are not the expected ones, it ends with an error before its last piece. */
export function verifiedStream(content: Readable, expected: Expected): Readable {
  const stream = new PassThrough()
  // The reader of the stream gets the error.
  pipeline(
    content,
    (source: AsyncIterable<Uint8Array>) => verified(source, expected),
    lastWhenVerified,
    stream,
    () => undefined,
  )
  return stream
}
