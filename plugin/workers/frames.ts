/** What is sent over a pipe between the host and a worker: a JSON value, and bytes beside it. */
export type Frame = { readonly head: unknown; readonly bytes: readonly Uint8Array[] }

const LENGTH_BYTES = 4

/** The encoded frame, in parts that need no copying. @throws if the value cannot be written as JSON. */
export function framed({ head, bytes }: Frame): readonly Uint8Array[] {
  const text = JSON.stringify({ head, sizes: bytes.map(({ length }) => length) })
  const length = Buffer.byteLength(text)
  const first = Buffer.allocUnsafe(LENGTH_BYTES + length)
  first.writeUInt32BE(length)
  first.write(text, LENGTH_BYTES)
  return [first, ...bytes]
}

/** Puts frames together from pieces of any size. */
export class FrameReader {
  readonly #onFrame: (frame: Frame) => void
  #pieces: Buffer[] = []
  #gatheredBytes = 0
  /** How many bytes are needed before the next attempt to read a frame. */
  #neededBytes = LENGTH_BYTES

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame
  }

  take(piece: Buffer): void {
    this.#pieces.push(piece)
    this.#gatheredBytes += piece.length
    while (this.#gatheredBytes >= this.#neededBytes) {
      const whole = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces)
      const rest = whole && this.#read(whole)
      this.#pieces = rest ? [rest] : whole ? [whole] : []
      if (!rest) return
      this.#gatheredBytes = rest.length
      this.#neededBytes = LENGTH_BYTES
    }
  }

  /** Passes the first frame on, and returns the bytes behind it; null if the frame is not complete. */
  #read(gathered: Buffer): Buffer | null {
    const bodyAt = LENGTH_BYTES + gathered.readUInt32BE(0)
    if (gathered.length < bodyAt) return this.#wait(bodyAt)
    const { head, sizes } = JSON.parse(gathered.toString('utf8', LENGTH_BYTES, bodyAt)) as {
      head: unknown
      sizes: number[]
    }
    const endAt = sizes.reduce((at, size) => at + size, bodyAt)
    if (gathered.length < endAt) return this.#wait(endAt)
    let at = bodyAt
    const bytes = sizes.map(size => gathered.subarray(at, (at += size)))
    this.#onFrame({ head, bytes })
    return gathered.subarray(endAt)
  }

  #wait(bytes: number): null {
    this.#neededBytes = bytes
    return null
  }
}
