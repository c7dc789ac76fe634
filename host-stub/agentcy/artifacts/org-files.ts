import type { Readable } from 'node:stream'

import type { ByteRange } from '../../../plugin/contract/host.ts'

/** The storage of an org's artifacts. Every named file is complete and survives a crash of the process and a power cut. */
export type OrgFiles = {
  /** Null if the name does not exist. */
  readText(name: string): Promise<string | null>
  writeText(name: string, text: string): Promise<void>
  /** Whether bytes with that name and size exist. */
  holds(name: string, sizeBytes: number): Promise<boolean>
  /** Stores bytes under a name once all of them were read; stores nothing if reading them fails. */
  writeBytes(name: string, content: AsyncIterable<Uint8Array>): Promise<void>
  /** The last parts of the names in a folder: all of them, or at least two. */
  list(folder: string): Promise<string[]>
  /** The total size of the files in a folder. */
  sizeOf(folder: string): Promise<number>
  /** Does nothing if the name does not exist. */
  remove(name: string): Promise<void>
  openBytes(name: string, range: ByteRange | null): Promise<Readable>
}
