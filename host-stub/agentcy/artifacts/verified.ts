import { createHash } from 'node:crypto'
import { PassThrough, pipeline, type Readable } from 'node:stream'

/** What bytes must be. The hash of a part of a file is not known: null. */
export type Expected = { readonly sizeBytes: number; readonly sha256: string | null }

/** These are not the bytes that they were said to be. */
export class OtherFile extends Error {
  constructor() {
    super('these are other bytes than was said')
    this.name = 'OtherFile'
  }
}

/** Passes a file on as it is read. @throws OtherFile in the end, when it was not the one that was announced. */
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

/** Until a file was read to its end nobody gets its last piece: a reader that has as many bytes as were promised may rely on them. */
async function* lastWhenVerified(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | null = null
  for await (const chunk of content) {
    if (held) yield held
    held = chunk
  }
  if (held) yield held
}

/** A stream of the same bytes, which ends in an error, and before its last piece, when they are not those expected. */
export function verifiedStream(content: Readable, expected: Expected): Readable {
  const stream = new PassThrough()
  // The reader of the stream is told what goes wrong.
  pipeline(
    content,
    (source: AsyncIterable<Uint8Array>) => verified(source, expected),
    lastWhenVerified,
    stream,
    () => undefined,
  )
  return stream
}
