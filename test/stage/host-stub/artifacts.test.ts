import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { inspect } from 'node:util'

import { CreateMultipartUploadCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { openS3Artifacts } from '../../../host-stub/agentcy/artifacts/s3-artifacts.ts'
import type { Artifacts, ByteRange } from '../../../plugin/contract/host.ts'
import { parseOrgId, type OrgId } from '../../../plugin/contract/ids.ts'
import {
  bucketPlace,
  factsOf,
  localPlace,
  madeUp,
  piecesOf,
  readFully,
  settingsOf,
  type ArtifactPlace,
} from '../../support/artifacts.ts'
import { startFaultyS3 } from '../../support/faulty-s3.ts'
import { keptLog } from '../../support/host.ts'
import { radosgwMissing, startRadosgw, type Radosgw } from '../../support/radosgw.ts'
import { given } from '../../support/given.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const MIB = 2 ** 20
const DAY_MS = 86_400_000
const START_LIMIT_MS = 120_000
const UNKNOWN = 'art_01BX5ZZKBKACTAV9WEVGEMMVRZ'

/** Why there is no real server on this machine; null when there is one. */
const MISSING = radosgwMissing()
let real: Radosgw | undefined
beforeAll(async () => {
  if (MISSING === null) real = await startRadosgw()
}, START_LIMIT_MS)
afterAll(() => real?.[Symbol.asyncDispose]())

type Kind = { readonly missing: string | null; readonly start: () => Promise<ArtifactPlace> }

const KINDS: [where: string, Kind][] = [
  ['in a folder', { missing: null, start: localPlace }],
  ['in a bucket', { missing: null, start: async () => bucketPlace(await startFaultyS3()) }],
  [
    'in a bucket of a real server, Ceph’s radosgw',
    {
      missing: MISSING,
      // It goes at the end of this file.
      start: () => Promise.resolve(bucketPlace({ ...given(real), [Symbol.asyncDispose]: () => Promise.resolve() })),
    },
  ],
]

let orgs = 0
/** An org of which nothing is kept yet. */
const newOrg = (): OrgId => given(parseOrgId(`org_${(orgs += 1)}`))

describe.each(KINDS)('artifacts %s', (_where, { missing, start }) => {
  let place: ArtifactPlace
  let artifacts: Artifacts
  let org: OrgId

  beforeAll(async () => {
    if (missing !== null) return
    place = await start()
    artifacts = await place.open()
  })
  afterAll(() => place?.[Symbol.asyncDispose]())
  beforeEach(context => {
    if (missing !== null) context.skip(missing)
    org = newOrg()
  })

  const put = (bytes: Buffer, source: string) => artifacts.put(org, piecesOf(bytes), factsOf(bytes, source))
  const read = async (id: string, range: ByteRange | null = null) => readFully(await artifacts.open(org, id, range))

  it.each([
    ['is empty', 0],
    ['is small', 3_000],
    ['fills a part exactly', 8 * MIB],
    ['is large', 40 * MIB],
  ])('a file that %s is found as it was described, and comes back byte for byte', async (_what, sizeBytes) => {
    const bytes = madeUp(sizeBytes, 'whole')
    const { source: _source, ...described } = factsOf(bytes, 'one')
    const artifact = await put(bytes, 'one')
    expect(artifact).toEqual({ ...described, id: expect.stringMatching(/^art_/) })
    expect(await artifacts.find(org, artifact.id)).toEqual(artifact)
    const { bytes: back, error } = await read(artifact.id)
    expect(error).toBeNull()
    expect(back.equals(bytes)).toBe(true)
  })

  it('a range of a file is these bytes and no others', async () => {
    const bytes = madeUp(9 * MIB, 'ranges')
    const { id } = await put(bytes, 'one')
    for (const [start, end] of [
      [0, 0],
      [1, 4],
      [8 * MIB - 3, 8 * MIB + 3],
      [bytes.length - 1, bytes.length - 1],
      [0, bytes.length - 1],
    ] as const) {
      const { bytes: part, error } = await read(id, { start, end })
      expect(error).toBeNull()
      expect(part.equals(bytes.subarray(start, end + 1)), `${start}-${end}`).toBe(true)
    }
  })

  it('what has no such id, or is another org’s, is not there', async () => {
    const { id } = await put(madeUp(10, 'mine'), 'one')
    for (const [asked, unknown] of [
      [org, UNKNOWN],
      [org, '../records'],
      [org, ''],
      [newOrg(), id],
    ] as const) {
      expect(await artifacts.find(asked, unknown)).toBeNull()
      expect(await artifacts.open(asked, unknown, null)).toBeNull()
    }
  })

  it('a source is kept once, also when it is handed over twice at once or after a restart', async () => {
    const bytes = madeUp(5_000, 'again')
    const [first, second] = await Promise.all([put(bytes, 'one'), put(bytes, 'one')])
    expect(second).toEqual(first)
    artifacts = await place.open()
    expect(await put(bytes, 'one')).toEqual(first)
    const names = (await place.names(org)).map(name => name.split('/')[0])
    expect(names.toSorted()).toEqual(['bytes', 'holders', 'records', 'sources'])
  })

  it('the same bytes from two sources are two artifacts, and lie there once', async () => {
    const bytes = madeUp(5_000, 'twice')
    const [first, second] = [await put(bytes, 'one'), await put(bytes, 'two')]
    expect(second.id).not.toBe(first.id)
    const names = await place.names(org)
    expect(names.filter(name => name.startsWith('bytes/'))).toEqual([`bytes/${first.sha256}`])
    expect((await read(second.id)).bytes.equals(bytes)).toBe(true)
  })

  it('a source that is forgotten is gone with its bytes, as soon as no other one has them', async () => {
    const bytes = madeUp(5_000, 'forgotten')
    const [first, second] = [await put(bytes, 'one'), await put(bytes, 'two')]
    for (const source of ['never kept', 'one', 'one']) await artifacts.forget?.(org, source)
    expect([await artifacts.find(org, first.id), await artifacts.open(org, first.id, null)]).toEqual([null, null])
    expect((await read(second.id)).bytes.equals(bytes)).toBe(true)
    artifacts = await place.open()
    await artifacts.forget?.(org, 'two')
    expect(await place.names(org)).toEqual([])
    const again = await put(bytes, 'one')
    expect((await read(again.id)).bytes.equals(bytes)).toBe(true)
  })

  it('bytes that an earlier version kept outlive what is forgotten of them', async () => {
    const bytes = madeUp(5_000, 'earlier')
    const { sha256 } = factsOf(bytes, 'one')
    await put(madeUp(10, 'makes the folder'), 'other')
    await place.write(org, `bytes/${sha256}`, bytes)
    await put(bytes, 'one')
    await artifacts.forget?.(org, 'one')
    expect(await place.names(org)).toContain(`bytes/${sha256}`)
  })

  it('of a source that is kept and forgotten at once either all is there or nothing', async () => {
    const bytes = madeUp(5_000, 'at once')
    for (let round = 0; round < 10; round += 1) {
      const [artifact] = await Promise.all([put(bytes, 'one'), artifacts.forget?.(org, 'one'), put(bytes, 'two')])
      const found = await artifacts.find(org, artifact.id)
      if (found) expect((await read(found.id)).bytes.equals(bytes)).toBe(true)
      const { id } = await put(bytes, 'two')
      expect((await read(id)).bytes.equals(bytes)).toBe(true)
      await artifacts.forget?.(org, 'two')
    }
  })

  it('a file that need not be read is closed', async () => {
    await using folder = await temporaryFolder()
    const bytes = madeUp(500_000, 'closed')
    const path = join(folder.path, 'file')
    await writeFile(path, bytes)
    await put(bytes, 'one')
    for (const source of ['one', 'two']) {
      const file = createReadStream(path)
      await artifacts.put(org, file, factsOf(bytes, source))
      expect(file.destroyed).toBe(true)
    }
  })

  describe.each([
    ['small', 5_000],
    ['large', 20 * MIB],
  ])('of a %s file', (_size, sizeBytes) => {
    const bytes = madeUp(sizeBytes, 'said')

    it.each<[string, Buffer]>([
      ['are others', madeUp(sizeBytes, 'other')],
      ['are too few', bytes.subarray(0, -1)],
      ['are too many', Buffer.concat([bytes, Buffer.from('x')])],
    ])('bytes that %s are not kept, and nothing of them is left', async (_what, handedOver) => {
      const putting = artifacts.put(org, piecesOf(handedOver), factsOf(bytes, 'one'))
      await expect(putting).rejects.toThrow('other bytes')
      expect(await place.names(org)).toEqual([])
    })

    it('bytes that cannot be read to their end are not kept, and nothing of them is left', async () => {
      const broken = Readable.from(
        (async function* () {
          yield bytes.subarray(0, -1_000)
          throw new Error('the disk is gone')
        })(),
        { objectMode: false },
      )
      await expect(artifacts.put(org, broken, factsOf(bytes, 'one'))).rejects.toThrow('the disk is gone')
      expect(await place.names(org)).toEqual([])
      expect(await put(bytes, 'one')).toMatchObject({ sizeBytes })
    })
  })

  it('a file that is not what is said of it is not kept, although what is said is kept already', async () => {
    const bytes = madeUp(5_000, 'sizes')
    await put(bytes, 'one')
    const lies = { ...factsOf(bytes, 'two'), sizeBytes: 4_999 }
    await expect(artifacts.put(org, piecesOf(bytes), lies)).rejects.toThrow('other bytes')
    const other = artifacts.put(org, piecesOf(madeUp(5_000, 'other')), factsOf(bytes, 'two'))
    await expect(other).rejects.toThrow('other bytes')
    expect((await place.names(org)).filter(name => name.startsWith('records/'))).toHaveLength(1)
  })

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['changed', bytes => Buffer.concat([Buffer.from([bytes.readUInt8(0) ^ 1]), bytes.subarray(1)])],
    ['became fewer', bytes => bytes.subarray(0, -100)],
    ['became more', bytes => Buffer.concat([bytes, bytes])],
  ])('bytes that %s where they lie are never taken for the file', async (_how, change) => {
    const bytes = madeUp(300_000, 'spoilt')
    const { id, sha256 } = await put(bytes, 'one')
    await place.write(org, `bytes/${sha256}`, change(bytes))
    const { bytes: back, error } = await read(id)
    expect(error).toMatchObject({ name: 'OtherFile' })
    expect(back.length).toBeLessThan(bytes.length)
  })

  it('bytes that became fewer do not pass for a range, and are mended by the next file that has them', async () => {
    const bytes = madeUp(300_000, 'mended')
    const { id, sha256 } = await put(bytes, 'one')
    await place.write(org, `bytes/${sha256}`, bytes.subarray(0, -100))
    expect((await read(id, { start: 299_000, end: 299_999 })).error).toMatchObject({ name: 'OtherFile' })
    await put(bytes, 'two')
    expect((await read(id)).bytes.equals(bytes)).toBe(true)
  })
})

describe('a real server, Ceph’s radosgw', () => {
  beforeEach(context => {
    if (MISSING !== null) context.skip(MISSING)
  })

  it('refuses a wrong secret, of which nothing is said, and nothing is kept', async () => {
    const server = given(real)
    const wrong = { ...server.credentials, secretAccessKey: randomBytes(20).toString('hex') }
    const { log, lines } = keptLog()
    const { artifacts } = openS3Artifacts({ ...settingsOf(server), credentials: wrong }, { log })
    const [org, bytes] = [newOrg(), madeUp(5_000, 'wrong')]
    const put = artifacts.put(org, piecesOf(bytes), factsOf(bytes, 'one'))
    const error: unknown = await put.catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'BucketFailure', code: 'SignatureDoesNotMatch' })
    expect(lines.map(({ fields }) => fields['code'])).toContain('SignatureDoesNotMatch')
    const told = inspect([error, lines], { depth: null, showHidden: true })
    for (const secret of [...Object.values(wrong), server.credentials.secretAccessKey]) {
      expect(told).not.toContain(secret)
    }
    await using place = bucketPlace({ ...server, [Symbol.asyncDispose]: () => Promise.resolve() })
    expect(await place.names(org)).toEqual([])
  })

  it('keeps 100 MB and gives them back byte for byte', async () => {
    const { artifacts } = openS3Artifacts(settingsOf(given(real)), { log: keptLog().log })
    const [org, bytes] = [newOrg(), madeUp(100 * MIB, 'huge')]
    const { id } = await artifacts.put(org, piecesOf(bytes), factsOf(bytes, 'one'))
    const { bytes: back, error } = await readFully(await artifacts.open(org, id, null))
    expect([error, back.equals(bytes)]).toEqual([null, true])
  })

  it('is rid of an upload that a killed host left, a day later', async () => {
    const server = given(real)
    await using place = bucketPlace({ ...server, [Symbol.asyncDispose]: () => Promise.resolve() })
    const org = newOrg()
    const name = `bytes/${'0'.repeat(64)}`
    const { endpoint, credentials, bucket: Bucket } = server
    const client = new S3Client({ endpoint, credentials, region: 'us-east-1', forcePathStyle: true })
    await client.send(new CreateMultipartUploadCommand({ Bucket, Key: `${settingsOf(server).prefix}${org}/${name}` }))
    client.destroy()
    expect(await place.names(org)).toEqual([name])
    const { log, line } = keptLog()
    openS3Artifacts(settingsOf(server), { log, now: () => Date.now() + 2 * DAY_MS })
    expect((await line('artifacts.leftovers_removed')).fields).toEqual({ count: 1 })
    expect(await place.names(org)).toEqual([])
  })
})
