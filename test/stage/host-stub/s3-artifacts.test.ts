import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { Patience } from '../../../host-stub/agentcy/artifacts/bucket.ts'
import { openS3Artifacts } from '../../../host-stub/agentcy/artifacts/s3-artifacts.ts'
import { factsOf, madeUp, piecesOf, readFully, settingsOf } from '../../support/artifacts.ts'
import { startFaultyS3, type FaultyS3, type S3Fault, type S3Operation } from '../../support/faulty-s3.ts'
import { keptLog } from '../../support/host.ts'
import { ORG } from '../../support/store.ts'

const MIB = 2 ** 20
const DAY_MS = 86_400_000
/** Too little for a server far away, and enough for one in this process. */
const SHORT: Patience = { connectMs: 1_000, answerMs: 1_000, silenceMs: 500, smallMs: 5_000, fileMs: 20_000 }

const SMALL = madeUp(100_000, 'small')
const LARGE = madeUp(17 * MIB, 'large')

let s3: FaultyS3
beforeEach(async () => {
  s3 = await startFaultyS3()
})
afterEach(() => s3[Symbol.asyncDispose]())

type Opening = { readonly patience?: Patience; readonly now?: () => number }

/** The artifacts of its bucket as a host has them, and what that host logs. */
function opened({ patience = SHORT, now = Date.now }: Opening = {}) {
  const kept = keptLog()
  const { artifacts, close } = openS3Artifacts(settingsOf(s3), { log: kept.log, patience, now })
  const put = (bytes: Buffer, source = 'one') => artifacts.put(ORG, piecesOf(bytes), factsOf(bytes, source))
  return { ...kept, artifacts, close, put }
}

const named = (): string[] =>
  [...s3.objects.keys()].map(key => key.slice(settingsOf(s3).prefix.length).split('/')[1] ?? '')

describe('a server that cannot now', () => {
  it.each<[S3Operation, Buffer]>([
    ['get', SMALL],
    ['head', SMALL],
    ['put', SMALL],
    ['begin', LARGE],
    ['part', LARGE],
    ['complete', LARGE],
  ])('is asked again, and when it can the third time the file is kept: %s', async (operation, bytes) => {
    const { artifacts, put } = opened()
    s3.fails({ operation, key: '', fault: 'unavailable', times: 2 })
    const { id } = await put(bytes)
    const { bytes: back, error } = await readFully(await artifacts.open(ORG, id, null))
    expect([back.equals(bytes), error]).toEqual([true, null])
    expect(s3.count(operation)).toBeGreaterThan(2)
  })

  it.each<[S3Operation, Buffer, string]>([
    ['get', SMALL, 'ServiceUnavailable'],
    ['head', SMALL, 'status_503'],
    ['put', SMALL, 'ServiceUnavailable'],
    ['begin', LARGE, 'ServiceUnavailable'],
    ['part', LARGE, 'ServiceUnavailable'],
    ['complete', LARGE, 'ServiceUnavailable'],
  ])('for long fails the file, of which nothing is named, and the next try keeps it: %s', async (...failing) => {
    const [operation, bytes, code] = failing
    const { put, line } = opened()
    s3.fails({ operation, key: '', fault: 'unavailable' })
    await expect(put(bytes)).rejects.toMatchObject({ name: 'BucketFailure', code })
    expect(named()).toEqual([])
    expect(s3.uploads.size).toBe(0)
    expect((await line('bucket.failed')).fields).toMatchObject({ code })
    s3.recovers()
    expect(await put(bytes)).toMatchObject({ sizeBytes: bytes.length })
  })
})

describe('what is named', () => {
  it.each([
    ['records/', ['holders', 'bytes']],
    ['sources/', ['holders', 'bytes', 'records']],
  ])('is there already, when the server fails at %s', async (key, there) => {
    const { put } = opened()
    s3.fails({ operation: 'put', key, fault: 'denied' })
    await expect(put(SMALL)).rejects.toMatchObject({ code: 'AccessDenied' })
    expect(named()).toEqual(there)
  })
})

describe('a server that falls silent', () => {
  it.each<[S3Operation, Buffer]>([
    ['get', SMALL],
    ['head', SMALL],
    ['put', SMALL],
    ['part', LARGE],
  ])('does not hold a file for ever: %s', async (operation, bytes) => {
    const { put } = opened({ patience: { ...SHORT, answerMs: 400 } })
    s3.fails({ operation, key: '', fault: 'silent' })
    await expect(put(bytes)).rejects.toMatchObject({ name: 'BucketFailure' })
    expect(named()).toEqual([])
    expect(s3.uploads.size).toBe(0)
  })

  it.each<S3Fault>(['stalled', 'dripping'])('in the middle of a record does not hold it for ever: %s', async fault => {
    const { artifacts, put } = opened({ patience: { ...SHORT, smallMs: 2_000 } })
    const { id } = await put(SMALL)
    s3.fails({ operation: 'get', key: 'records/', fault })
    await expect(artifacts.find(ORG, id)).rejects.toMatchObject({ code: 'overdue' })
  })

  it('in the middle of a file ends it in an error', async () => {
    const { artifacts, put } = opened()
    const { id } = await put(LARGE)
    s3.fails({ operation: 'get', key: 'bytes/', fault: 'stalled' })
    const { bytes, error } = await readFully(await artifacts.open(ORG, id, null))
    expect(error).toMatchObject({ name: 'BucketFailure', code: 'silent' })
    expect(bytes.length).toBeLessThan(LARGE.length)
  })
})

describe('a server that breaks off', () => {
  it.each<[string, { start: number; end: number } | null]>([
    ['a file', null],
    ['a range of one', { start: 10, end: 15 * MIB }],
  ])('%s ends it in an error', async (_what, range) => {
    const { artifacts, put } = opened()
    const { id } = await put(LARGE)
    s3.fails({ operation: 'get', key: 'bytes/', fault: 'truncated' })
    const { bytes, error } = await readFully(await artifacts.open(ORG, id, range))
    expect(error).toBeInstanceOf(Error)
    expect(bytes.length).toBeLessThan(range ? range.end - range.start + 1 : LARGE.length)
  })

  it('a record is not believed', async () => {
    const { artifacts, put } = opened()
    const { id } = await put(SMALL)
    s3.fails({ operation: 'get', key: 'records/', fault: 'truncated' })
    await expect(artifacts.find(ORG, id)).rejects.toMatchObject({ name: 'BucketFailure' })
  })
})

describe('a server that gives something else', () => {
  it('than the file ends it in an error before its last piece', async () => {
    const { artifacts, put } = opened()
    const { id } = await put(SMALL)
    s3.fails({ operation: 'get', key: 'bytes/', fault: 'flipped' })
    const { bytes, error } = await readFully(await artifacts.open(ORG, id, null))
    expect(error).toMatchObject({ name: 'OtherFile' })
    expect(bytes.length).toBeLessThan(SMALL.length)
  })

  it('than the range that was asked for ends it in an error', async () => {
    const { artifacts, put } = opened()
    const { id } = await put(SMALL)
    s3.fails({ operation: 'get', key: 'bytes/', fault: 'entire' })
    const { error } = await readFully(await artifacts.open(ORG, id, { start: 10, end: 99 }))
    expect(error).toMatchObject({ name: 'OtherFile' })
  })
})

describe('an upload in parts', () => {
  it('of which a part is refused is given up at the server', async () => {
    const { put } = opened()
    s3.fails({ operation: 'part', key: '', fault: 'denied', times: 1 })
    await expect(put(LARGE)).rejects.toMatchObject({ code: 'AccessDenied' })
    await s3.until('abort')
    expect(s3.uploads.size).toBe(0)
    expect(s3.count('complete')).toBe(0)
  })

  it('of other bytes than was said is given up at the server, and never completed', async () => {
    const { artifacts } = opened()
    const putting = artifacts.put(ORG, piecesOf(madeUp(LARGE.length, 'other')), factsOf(LARGE, 'one'))
    await expect(putting).rejects.toMatchObject({ name: 'OtherFile' })
    expect(s3.count('abort')).toBe(1)
    expect(s3.count('complete')).toBe(0)
    expect(named()).toEqual([])
  })

  it('ends when the host stops, and nothing new begins', async () => {
    const { put, close } = opened({ patience: { ...SHORT, answerMs: 60_000, smallMs: 60_000, fileMs: 60_000 } })
    s3.fails({ operation: 'part', key: '', fault: 'silent' })
    const putting = put(LARGE)
    await s3.until('part')
    close()
    await expect(putting).rejects.toMatchObject({ code: 'stopping' })
    await s3.until('abort')
    await expect(put(SMALL)).rejects.toMatchObject({ code: 'stopping' })
  })

  it('that nobody gave up is removed a day later, and what is younger or not ours is left', async () => {
    const { put } = opened()
    s3.fails({ operation: 'abort', key: '', fault: 'denied' })
    s3.fails({ operation: 'complete', key: '', fault: 'denied' })
    for (const source of ['one', 'two', 'three']) {
      await expect(put(madeUp(9 * MIB, source), source)).rejects.toMatchObject({ code: 'AccessDenied' })
    }
    const halves = [...s3.uploads.keys()]
    expect(halves).toHaveLength(3)
    s3.recovers()
    const begunAt = new Date(Date.now() + 1.5 * DAY_MS)
    const [[, { key: ours }] = ['', { key: '' }]] = s3.uploads
    const left = {
      young: { key: ours, begunAt, parts: new Map() },
      foreign: { key: ours.replace('bytes', 'else'), begunAt: new Date(0), parts: new Map() },
      beside: { key: ours.replace('below/here/', 'below/that/'), begunAt: new Date(0), parts: new Map() },
      above: { key: ours.replace('below/here/', ''), begunAt: new Date(0), parts: new Map() },
    }
    for (const [id, upload] of Object.entries(left)) s3.uploads.set(id, upload)
    const { line } = opened({ now: () => Date.now() + 2 * DAY_MS })
    expect((await line('artifacts.leftovers_removed')).fields).toEqual({ count: 3 })
    expect([...s3.uploads.keys()].toSorted()).toEqual(['above', 'beside', 'foreign', 'young'])
  })

  it('that was left while a host runs on is removed by the first file of the next day', async () => {
    let later = 0
    const { put, line } = opened({ now: () => Date.now() + later })
    s3.uploads.set('left', {
      key: `below/here/${ORG}/bytes/${'0'.repeat(64)}`,
      begunAt: new Date(),
      parts: new Map(),
    })
    await put(SMALL)
    expect(s3.uploads.size).toBe(1)
    later = 2 * DAY_MS
    await put(SMALL, 'two')
    await line('artifacts.leftovers_removed')
    expect(s3.uploads.size).toBe(0)
  })
})

describe('what failed', () => {
  it('is told by a code, without a word of the server and without a key', async () => {
    const { put, lines } = opened()
    s3.fails({ operation: 'put', key: '', fault: 'denied' })
    const error: unknown = await put(SMALL).catch((thrown: unknown) => thrown)
    const told = inspect([error, lines], { depth: null, showHidden: true })
    expect(told).toContain('AccessDenied')
    for (const secret of [...Object.values(s3.credentials), 'AWS4-HMAC']) expect(told).not.toContain(secret)
  })

  it('is told when nobody listens there', async () => {
    const { put } = opened()
    await s3[Symbol.asyncDispose]()
    await expect(put(SMALL)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    s3 = await startFaultyS3()
  })

  it('is told when there is no such bucket, which is not the same as no such file', async () => {
    const settings = { ...settingsOf(s3), bucket: `no-${randomBytes(4).toString('hex')}` }
    const { artifacts } = openS3Artifacts(settings, { log: keptLog().log, patience: SHORT })
    const asked = artifacts.find(ORG, 'art_01BX5ZZKBKACTAV9WEVGEMMVRZ')
    await expect(asked).rejects.toMatchObject({ code: 'NoSuchBucket' })
  })
})
