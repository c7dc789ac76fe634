import type { Readable } from 'node:stream'

import type { ByteRange } from '../../../plugin/contract/host.ts'

/** Where the artifacts of an org lie. Whatever has a name there is whole, and outlives the process and the power. */
export type Shelf = {
  /** Null when nothing has that name. */
  readText(name: string): Promise<string | null>
  writeText(name: string, text: string): Promise<void>
  /** Whether there are bytes of that name and size. */
  holds(name: string, sizeBytes: number): Promise<boolean>
  /** Gives bytes their name once all of them were read; when reading them fails they get none. */
  writeBytes(name: string, content: AsyncIterable<Uint8Array>): Promise<void>
  /** The last parts of the names in a folder: all of them, or two at least. */
  list(folder: string): Promise<string[]>
  /** How many bytes the names in a folder have in all. */
  sizeOf(folder: string): Promise<number>
  /** Nothing happens when nothing has that name. */
  remove(name: string): Promise<void>
  openBytes(name: string, range: ByteRange | null): Promise<Readable>
}
