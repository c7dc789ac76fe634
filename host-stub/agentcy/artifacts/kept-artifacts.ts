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
import { createQuotas } from './quotas.ts'
import type { OrgFiles } from './org-files.ts'
import { verified, verifiedStream, type Expected } from './verified.ts'

/** An org without artifacts. A lookup in it shows whether the storage can be reached. */
const NOBODY = 'nobody' as OrgId

/**
 * Stores artifacts on the shelves of their orgs. The bytes are stored under their hash, so an org stores the same file only once.
 * In addition there are a record for each id and the id for each source. They are written in this order, so every named file exists
 * even if the process ends at any point. Before the bytes a holder entry is written for their source; the bytes are deleted with
 * the last holder.
 */
export function keptOn(filesOf: (org: OrgId) => OrgFiles, mostBytes: number): Required<Artifacts> {
  const inTurn = createTurns()
  const quotas = createQuotas(org => filesOf(org).sizeOf('bytes'), mostBytes)
  const roomOf = (org: OrgId): Room => ({
    take: bytes => quotas.take(org, bytes),
    give: bytes => quotas.give(org, bytes),
  })
  return {
    room: org => quotas.of(org),
    async reach() {
      await filesOf(NOBODY).readText('reached')
    },
    async put(org, content, file) {
      try {
        const writing = <Result>(work: () => Promise<Result>): Promise<Result> => inTurn(`${org}/${file.sha256}`, work)
        return await inTurn(`${org} ${file.source}`, () =>
          keep({ files: filesOf(org), room: roomOf(org), writing }, content, file),
        )
      } finally {
        // A stream that was not read to its end would stay open.
        if (content instanceof Readable) content.destroy()
      }
    },
    async forget(org, source) {
      const writing = <Result>(sha256: string, work: () => Promise<Result>) => inTurn(`${org}/${sha256}`, work)
      await inTurn(`${org} ${source}`, () =>
        forget({ files: filesOf(org), room: roomOf(org), writing }, nameOfSource(source)),
      )
    },
    async find(org, id) {
      const record = await recordOn(filesOf(org), id)
      return record && artifactOf(record)
    },
    async open(org, id, range) {
      const files = filesOf(org)
      const record = await recordOn(files, id)
      return record && verifiedStream(await files.openBytes(bytesOf(record), range), partOf(record, range))
    },
  }
}

const bytesOf = ({ sha256 }: Artifact): string => `bytes/${sha256}`
const holdersOf = ({ sha256 }: Artifact): string => `holders/${sha256}`
const recordOf = (id: string): string => `records/${id}.json`

const partOf = (record: ArtifactRecord, range: ByteRange | null): Expected =>
  range ? { sizeBytes: range.end - range.start + 1, sha256: null } : record

async function recordOn(files: OrgFiles, id: string): Promise<ArtifactRecord | null> {
  const written = isArtifactId(id) ? await files.readText(recordOf(id)) : null
  return written === null ? null : recordFrom(written)
}

/** The storage quota of an org. */
type Room = {
  readonly take: (bytes: number) => Promise<void>
  readonly give: (bytes: number) => Promise<void>
}

/** The files and the quota to write to, and the lock that keeps others from writing or deleting the same bytes at the same time. */
type Place = {
  readonly files: OrgFiles
  readonly room: Room
  readonly writing: <Result>(work: () => Promise<Result>) => Promise<Result>
}

async function keep(
  { files, room, writing }: Place,
  content: AsyncIterable<Uint8Array>,
  file: NewArtifact,
): Promise<Artifact> {
  const name = nameOfSource(file.source)
  const source = `sources/${name}`
  const before = await recordOn(files, (await files.readText(source)) ?? '')
  if (before) return artifactOf(before)
  const record = newRecord(file)
  await writing(() => keepBytes({ files, room }, verified(content, file), { record, name }))
  await files.writeText(recordOf(record.id), JSON.stringify(record))
  await files.writeText(source, record.id)
  return artifactOf(record)
}

type Held = { readonly record: Artifact; readonly name: string }

async function keepBytes(
  { files, room }: Omit<Place, 'writing'>,
  bytes: AsyncIterable<Uint8Array>,
  { record, name }: Held,
): Promise<void> {
  const holder = `${holdersOf(record)}/${name}`
  const isThere = await files.holds(bytesOf(record), record.sizeBytes)
  if (!isThere) await room.take(record.sizeBytes)
  // These bytes were stored before holders were recorded, so it is unknown when their last holder is gone. The holder `earlier`
  // keeps them.
  if (isThere && (await files.list(holdersOf(record))).length === 0)
    await files.writeText(`${holdersOf(record)}/earlier`, '')
  await files.writeText(holder, '')
  try {
    if (isThere) await readThrough(bytes)
    else await files.writeBytes(bytesOf(record), bytes)
  } catch (error) {
    await files.remove(holder)
    if (!isThere) await room.give(record.sizeBytes)
    throw error
  }
}

/** Does work while nobody else writes or deletes the bytes with the given hash. */
type Writing = <Result>(sha256: string, work: () => Promise<Result>) => Promise<Result>

/** Deletes the bytes first and the entries that lead to them last, so that an interrupted deletion can be completed later. */
async function forget(
  { files, room, writing }: Omit<Place, 'writing'> & { readonly writing: Writing },
  name: string,
): Promise<void> {
  const id = await files.readText(`sources/${name}`)
  if (id === null) return
  const record = await recordOn(files, id)
  if (record) {
    await writing(record.sha256, async () => {
      const [holder, ...others] = await files.list(holdersOf(record))
      if (holder === name && others.length === 0) {
        const isThere = await files.holds(bytesOf(record), record.sizeBytes)
        await files.remove(bytesOf(record))
        if (isThere) await room.give(record.sizeBytes)
      }
      await files.remove(`${holdersOf(record)}/${name}`)
    })
    await files.remove(recordOf(record.id))
  }
  await files.remove(`sources/${name}`)
}

/** Reads content whose bytes are already stored, perhaps for another source, to verify that it matches its hash. */
async function readThrough(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _chunk of bytes);
}

/** Runs tasks with the same name one after the other. */
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
