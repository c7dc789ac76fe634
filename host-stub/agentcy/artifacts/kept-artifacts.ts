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
import { createRooms } from './rooms.ts'
import type { Shelf } from './shelf.ts'
import { verified, verifiedStream, type Expected } from './verified.ts'

/** Nothing is kept for it: whether it can be read that there is nothing says whether anything can be. */
const NOBODY = 'nobody' as OrgId

/**
 * Artifacts on the shelves of their orgs: the bytes under their hash, so that the same file is kept once in an org, and
 * beside them a record for each id and the id of each source. They are written in this order, so that every file that is named
 * is there, however early the process ends. Before the bytes it is written which source holds them: they go with the last one.
 */
export function keptOn(shelfOf: (org: OrgId) => Shelf, mostBytes: number): Required<Artifacts> {
  const inTurn = createTurns()
  const rooms = createRooms(org => shelfOf(org).sizeOf('bytes'), mostBytes)
  const roomOf = (org: OrgId): Room => ({
    take: bytes => rooms.take(org, bytes),
    give: bytes => rooms.give(org, bytes),
  })
  return {
    room: org => rooms.of(org),
    async reach() {
      await shelfOf(NOBODY).readText('reached')
    },
    async put(org, content, file) {
      try {
        const writing = <Result>(work: () => Promise<Result>): Promise<Result> => inTurn(`${org}/${file.sha256}`, work)
        return await inTurn(`${org} ${file.source}`, () =>
          keep({ shelf: shelfOf(org), room: roomOf(org), writing }, content, file),
        )
      } finally {
        // What was not read to its end would stay open.
        if (content instanceof Readable) content.destroy()
      }
    },
    async forget(org, source) {
      const writing = <Result>(sha256: string, work: () => Promise<Result>) => inTurn(`${org}/${sha256}`, work)
      await inTurn(`${org} ${source}`, () =>
        forget({ shelf: shelfOf(org), room: roomOf(org), writing }, nameOfSource(source)),
      )
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
const holdersOf = ({ sha256 }: Artifact): string => `holders/${sha256}`
const recordOf = (id: string): string => `records/${id}.json`

const partOf = (record: ArtifactRecord, range: ByteRange | null): Expected =>
  range ? { sizeBytes: range.end - range.start + 1, sha256: null } : record

async function recordOn(shelf: Shelf, id: string): Promise<ArtifactRecord | null> {
  const written = isArtifactId(id) ? await shelf.readText(recordOf(id)) : null
  return written === null ? null : recordFrom(written)
}

/** The room that an org has. */
type Room = {
  readonly take: (bytes: number) => Promise<void>
  readonly give: (bytes: number) => Promise<void>
}

/** Where it is kept, and what lets nobody else write or remove the same bytes in the meantime. */
type Place = {
  readonly shelf: Shelf
  readonly room: Room
  readonly writing: <Result>(work: () => Promise<Result>) => Promise<Result>
}

async function keep(
  { shelf, room, writing }: Place,
  content: AsyncIterable<Uint8Array>,
  file: NewArtifact,
): Promise<Artifact> {
  const name = nameOfSource(file.source)
  const source = `sources/${name}`
  const before = await recordOn(shelf, (await shelf.readText(source)) ?? '')
  if (before) return artifactOf(before)
  const record = newRecord(file)
  await writing(() => keepBytes({ shelf, room }, verified(content, file), { record, name }))
  await shelf.writeText(recordOf(record.id), JSON.stringify(record))
  await shelf.writeText(source, record.id)
  return artifactOf(record)
}

type Held = { readonly record: Artifact; readonly name: string }

async function keepBytes(
  { shelf, room }: Omit<Place, 'writing'>,
  bytes: AsyncIterable<Uint8Array>,
  { record, name }: Held,
): Promise<void> {
  const holder = `${holdersOf(record)}/${name}`
  const isThere = await shelf.holds(bytesOf(record), record.sizeBytes)
  if (!isThere) await room.take(record.sizeBytes)
  // Written before it was noted who holds what: nobody knows when the last of those has gone.
  if (isThere && (await shelf.list(holdersOf(record))).length === 0)
    await shelf.writeText(`${holdersOf(record)}/earlier`, '')
  await shelf.writeText(holder, '')
  try {
    if (isThere) await readThrough(bytes)
    else await shelf.writeBytes(bytesOf(record), bytes)
  } catch (error) {
    await shelf.remove(holder)
    if (!isThere) await room.give(record.sizeBytes)
    throw error
  }
}

/** Does work while nobody else writes or removes the bytes with a hash. */
type Writing = <Result>(sha256: string, work: () => Promise<Result>) => Promise<Result>

/** The bytes first and what leads to them last, so that whatever was begun is ended another time. */
async function forget(
  { shelf, room, writing }: Omit<Place, 'writing'> & { readonly writing: Writing },
  name: string,
): Promise<void> {
  const id = await shelf.readText(`sources/${name}`)
  if (id === null) return
  const record = await recordOn(shelf, id)
  if (record) {
    await writing(record.sha256, async () => {
      const [holder, ...others] = await shelf.list(holdersOf(record))
      if (holder === name && others.length === 0) {
        const isThere = await shelf.holds(bytesOf(record), record.sizeBytes)
        await shelf.remove(bytesOf(record))
        if (isThere) await room.give(record.sizeBytes)
      }
      await shelf.remove(`${holdersOf(record)}/${name}`)
    })
    await shelf.remove(recordOf(record.id))
  }
  await shelf.remove(`sources/${name}`)
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
