import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, readdirSync, rmSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

import type { Artifact, NewArtifact } from '../../../plugin/contract/artifact.ts'
import type { Artifacts } from '../../../plugin/contract/host.ts'
import type { OrgId } from '../../../plugin/contract/ids.ts'
import { isArtifactId, nameOfSource, newRecord, verified, type ArtifactRecord } from './artifact-record.ts'

/**
 * Artifacts in a folder: the bytes under their hash, so that the same file is kept once in an org, and beside them a
 * record for each id and the id of each source. Whatever is in its place is whole: it was flushed before it was named.
 */
export function openLocalArtifacts(home: string): Artifacts {
  removeDrafts(join(home, 'artifacts'))
  const shelfOf = (org: OrgId): Shelf => new Shelf(join(home, 'artifacts', org))
  return {
    put: (org, content, file) => shelfOf(org).put(content, file),
    find: async (org, id) => {
      const record = await recordIn(shelfOf(org), id)
      return record && artifactOf(record)
    },
    open: async (org, id, range) => {
      const shelf = shelfOf(org)
      const record = await recordIn(shelf, id)
      return record && createReadStream(shelf.bytesOf(record), range ?? {})
    },
  }
}

const recordIn = (shelf: Shelf, id: string): Promise<ArtifactRecord | null> =>
  isArtifactId(id) ? shelf.record(id) : Promise.resolve(null)

/** What was being written when an earlier host ended. */
function removeDrafts(folder: string): void {
  if (!existsSync(folder)) return
  for (const org of readdirSync(folder)) rmSync(join(folder, org, 'drafts'), { recursive: true, force: true })
}

const artifactOf = ({ createdAt: _createdAt, ...artifact }: ArtifactRecord): Artifact => artifact

class Shelf {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async put(content: AsyncIterable<Uint8Array>, file: NewArtifact): Promise<Artifact> {
    const source = join(this.#folder, 'sources', nameOfSource(file.source))
    const before = await readText(source)
    const kept = before === null ? null : await this.record(before)
    if (kept) return artifactOf(kept)
    for (const folder of ['bytes', 'records', 'sources', 'drafts']) {
      await mkdir(join(this.#folder, folder), { recursive: true, mode: 0o700 })
    }
    const record = newRecord(file)
    if (!(await exists(this.bytesOf(record)))) await this.#write(this.bytesOf(record), verified(content, file))
    await this.#write(join(this.#folder, 'records', `${record.id}.json`), [JSON.stringify(record)])
    await this.#write(source, [record.id])
    return artifactOf(record)
  }

  async record(id: string): Promise<ArtifactRecord | null> {
    const written = await readText(join(this.#folder, 'records', `${id}.json`))
    return written === null ? null : (JSON.parse(written) as ArtifactRecord)
  }

  bytesOf({ sha256 }: Pick<Artifact, 'sha256'>): string {
    return join(this.#folder, 'bytes', sha256)
  }

  /** Nothing has a name before it is whole and on the disk. */
  async #write(path: string, content: AsyncIterable<Uint8Array> | Iterable<string>): Promise<void> {
    const draft = join(this.#folder, 'drafts', randomBytes(8).toString('hex'))
    try {
      await pipeline(content, createWriteStream(draft, { mode: 0o600, flags: 'wx', flush: true }))
      await rename(draft, path)
    } finally {
      await rm(draft, { force: true })
    }
    const folder = await open(join(path, '..'))
    await folder.sync().finally(() => void folder.close())
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
