const headerBytes = 4
const lengthBytes = 3
const routingMark = Buffer.from([0x45, 0x44, 0x00, 0x01])
const noiseHeader = Buffer.from([0x57, 0x41, 6, 3])

export function frame(payload: Uint8Array): Buffer {
  const length = Buffer.alloc(lengthBytes)
  length.writeUIntBE(payload.length, 0, lengthBytes)
  return Buffer.concat([length, payload])
}

/** Splits the received bytes into frames, after the routing prefix (if any) and the protocol header. */
export class FrameReader {
  #buffered: Buffer = Buffer.alloc(0)
  #introduced = false
  #routing: Buffer | undefined

  static readonly header = noiseHeader

  /** The routing that the client sent as a prefix; undefined if it sent none. */
  get routing(): Buffer | undefined {
    return this.#routing
  }

  read(chunk: Uint8Array): Buffer[] {
    this.#buffered = Buffer.concat([this.#buffered, chunk])
    if (!this.#introduced && !this.#readIntroduction()) return []
    const frames: Buffer[] = []
    for (let next = this.#take(0); next; next = this.#take(0)) frames.push(next)
    return frames
  }

  #readIntroduction(): boolean {
    if (this.#buffered.subarray(0, headerBytes).equals(routingMark)) {
      this.#routing = this.#take(headerBytes)
      if (!this.#routing) return false
    }
    if (this.#buffered.length < headerBytes) return false
    if (!this.#buffered.subarray(0, headerBytes).equals(noiseHeader)) throw new Error('unknown protocol header')
    this.#buffered = this.#buffered.subarray(headerBytes)
    this.#introduced = true
    return true
  }

  #take(skipBytes: number): Buffer | undefined {
    const start = skipBytes + lengthBytes
    if (this.#buffered.length < start) return undefined
    const end = start + this.#buffered.readUIntBE(skipBytes, lengthBytes)
    if (this.#buffered.length < end) return undefined
    const taken = this.#buffered.subarray(start, end)
    this.#buffered = this.#buffered.subarray(end)
    return taken
  }
}
