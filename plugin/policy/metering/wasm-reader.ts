/** Why a module is not metered: it ends too early, or holds something whose cost is not known. */
export class NotMetered extends Error {}

const MORE = 0x80

/** Reads the binary format of WebAssembly, from one place to another. */
export class WasmReader {
  readonly #bytes: Uint8Array
  readonly #end: number
  #at: number

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = at
    this.#end = end
  }

  /** Where it has come to, from the beginning of the bytes. */
  get at(): number {
    return this.#at
  }

  get isDone(): boolean {
    return this.#at >= this.#end
  }

  /** @throws NotMetered behind the end, as all that reads */
  byte(): number {
    const byte = this.#at < this.#end ? this.#bytes[this.#at] : undefined
    if (byte === undefined) throw new NotMetered('It ends too early.')
    this.#at += 1
    return byte
  }

  /** An unsigned number of 32 bits (LEB128). */
  unsigned(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** shift
      if ((byte & MORE) === 0) return value
    }
    throw new NotMetered('A number is too long.')
  }

  /** A number of any kind (LEB128), whose value is of no interest. */
  skipNumber(): void {
    while ((this.byte() & MORE) !== 0);
  }

  skip(bytes: number): void {
    if (bytes > this.#end - this.#at) throw new NotMetered('It ends too early.')
    this.#at += bytes
  }

  /** A name, or other bytes with their length before them. */
  sized(): Uint8Array {
    const from = this.unsigned()
    this.skip(from)
    return this.#bytes.subarray(this.#at - from, this.#at)
  }

  /** What is left. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at, this.#end)
  }
}

/** An unsigned number as LEB128. */
export function unsignedBytes(value: number): number[] {
  const bytes: number[] = []
  let left = value
  for (; left >= MORE; left = Math.floor(left / MORE)) bytes.push((left % MORE) + MORE)
  return [...bytes, left]
}

/** A number that is not negative as signed LEB128, whose highest bit is its sign. */
export function signedBytes(value: number): number[] {
  const bytes: number[] = []
  let left = value
  for (; left >= 0x40; left = Math.floor(left / MORE)) bytes.push((left % MORE) + MORE)
  return [...bytes, left]
}
