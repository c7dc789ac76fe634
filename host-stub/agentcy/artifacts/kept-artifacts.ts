import { Readable } from 'node:stream'

import type { Artifact, NewArtifact } from '../../../plugin/contract/artifact.ts'
import type { Artifacts, ByteRange } from '../../../plugin/contract/host.ts'
import type { OrgId } from '../../../plugin/contract/ids.ts'
import {
  artifactOf,
  isArtifactId,
  nameOfSource,
  newRecord,
  recordFrom,
  type ArtifactRecord,
} from './artifact-record.ts'
import type { Shelf } from './shelf.ts'
import { verified, verifiedStream, type Expected } from './verified.ts'

/**
 * Artifacts on the shelves of their orgs: the bytes under their hash, so that the same file is kept once in an org, and
 * beside them a record for each id and the id of each source. They are written in this order, so that whatever is named
 * is there, however early the process ends.
 */
export function keptOn(shelfOf: (org: OrgId) => Shelf): Artifacts {
  const inTurn = createTurns()
  return {
    async put(org, content, file) {
      try {
        return await inTurn(`${org} ${file.source}`, () => keep(shelfOf(org), content, file))
      } finally {
        // What was not read to its end would stay open.
        if (content instanceof Readable) content.destroy()
      }
    },
    async find(org, id) {
      const record = await recordOn(shelfOf(org), id)
      return record && artifactOf(record)
    },
    async open(org, id, range) {
      const shelf = shelfOf(org)
      const record = await recordOn(shelf, id)
      return record && verifiedStream(await shelf.openBytes(bytesOf(record), range), partOf(record, range))
    },
  }
}

const bytesOf = ({ sha256 }: Artifact): string => `bytes/${sha256}`
const recordOf = (id: string): string => `records/${id}.json`

const partOf = (record: ArtifactRecord, range: ByteRange | null): Expected =>
  range ? { sizeBytes: range.end - range.start + 1, sha256: null } : record

async function recordOn(shelf: Shelf, id: string): Promise<ArtifactRecord | null> {
  const written = isArtifactId(id) ? await shelf.readText(recordOf(id)) : null
  return written === null ? null : recordFrom(written)
}

async function keep(shelf: Shelf, content: AsyncIterable<Uint8Array>, file: NewArtifact): Promise<Artifact> {
  const source = `sources/${nameOfSource(file.source)}`
  const before = await recordOn(shelf, (await shelf.readText(source)) ?? '')
  if (before) return artifactOf(before)
  const record = newRecord(file)
  const bytes = verified(content, file)
  if (await shelf.holds(bytesOf(record), record.sizeBytes)) await readThrough(bytes)
  else await shelf.writeBytes(bytesOf(record), bytes)
  await shelf.writeText(recordOf(record.id), JSON.stringify(record))
  await shelf.writeText(source, record.id)
  return artifactOf(record)
}

/** Bytes that are kept already, perhaps for somebody else: the file must be what it is said to be all the same. */
async function readThrough(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _chunk of bytes);
}

/** Runs what has the same name one after the other. */
function createTurns() {
  const last = new Map<string, Promise<unknown>>()
  return async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    const before = last.get(name) ?? Promise.resolve()
    const mine = before.then(work, work)
    last.set(name, mine)
    try {
      return await mine
    } finally {
      if (last.get(name) === mine) last.delete(name)
    }
  }
}
