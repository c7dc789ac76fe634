import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, mkdirSync, rmSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

import { fileTypeFromBuffer } from 'file-type'

import type { Artifact } from '../../../plugin/contract/artifact.ts'
import type { Artifacts } from '../../../plugin/contract/host.ts'
import type { OrgId } from '../../../plugin/contract/ids.ts'
import { OverQuota } from './quotas.ts'

/** The largest file that WhatsApp carries. */
export const UPLOAD_MOST_BYTES = 100 * 2 ** 20

/** Why a file was not stored. */
export type NotKept = 'empty' | 'too_large' | 'over_quota'

/** Files that people upload. */
export type Uploads = {
  /**
   * Stores a file once it has arrived completely; an org stores the same file only once. @throws if the upload breaks off or cannot
   * be stored.
   */
  keep(org: OrgId, content: AsyncIterable<Uint8Array>): Promise<Artifact | NotKept>
}

class TooLarge extends Error {}

/** The type of a file is detected from its beginning. */
const HEAD_BYTES = 65_536

type Draft = { readonly sizeBytes: number; readonly sha256: string; readonly mime: string | null }

/** Opens a folder for incomplete uploads, and deletes what an earlier host has left in it. */
export function openUploads(home: string, artifacts: Artifacts, mostBytes = UPLOAD_MOST_BYTES): Uploads {
  const folder = join(home, 'uploads')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { mode: 0o700 })
  return {
    async keep(org, content) {
      const room = await artifacts.room?.(org)
      if (room && room.usedBytes >= room.mostBytes) return 'over_quota'
      const path = join(folder, randomBytes(12).toString('hex'))
      try {
        const draft = await write(path, content, mostBytes)
        if (draft.sizeBytes === 0) return 'empty'
        const facts = { ...draft, source: `upload ${draft.sha256}`, fileName: null }
        return await artifacts.put(org, read(path), facts)
      } catch (error) {
        if (error instanceof TooLarge) return 'too_large'
        if (error instanceof OverQuota) return 'over_quota'
        throw error
      } finally {
        await rm(path, { force: true })
      }
    },
  }
}

/** Opens the file at the first read: nobody reads one that is stored already, and a stream's error would end the host. */
async function* read(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path) as AsyncIterable<Buffer>
}

async function write(path: string, content: AsyncIterable<Uint8Array>, mostBytes: number): Promise<Draft> {
  const hash = createHash('sha256')
  let head = Buffer.alloc(0)
  let sizeBytes = 0
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      sizeBytes += chunk.length
      if (sizeBytes > mostBytes) throw new TooLarge()
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk])
      hash.update(chunk)
      yield chunk
    }
  }
  // Opened first: a write stream that is destroyed while it opens its file would still create the file.
  const file = await open(path, 'wx', 0o600)
  await pipeline(counted, file.createWriteStream())
  const type = await fileTypeFromBuffer(head.subarray(0, HEAD_BYTES)).catch(() => undefined)
  return { sizeBytes, sha256: hash.digest('hex'), mime: type?.mime ?? null }
}
