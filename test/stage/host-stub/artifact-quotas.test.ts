import { describe, expect, it } from 'vitest'

import { openLocalArtifacts } from '../../../host-stub/agentcy/artifacts/local-artifacts.ts'
import { openS3Artifacts } from '../../../host-stub/agentcy/artifacts/s3-artifacts.ts'
import type { Artifacts } from '../../../plugin/contract/host.ts'
import { parseOrgId } from '../../../plugin/contract/ids.ts'
import { factsOf, madeUp, piecesOf, settingsOf } from '../../support/artifacts.ts'
import { startFaultyS3 } from '../../support/faulty-s3.ts'
import { keptLog } from '../../support/host.ts'
import { given } from '../../support/given.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const KIB = 1_024
const MOST = 10 * KIB
const [A, B] = [given(parseOrgId('org_a')), given(parseOrgId('org_b'))]
const FULL = { code: 'over_quota' }

type Place = AsyncDisposable & { readonly open: () => Artifacts }

async function inFolder(): Promise<Place> {
  const folder = await temporaryFolder()
  return {
    open: () => openLocalArtifacts(folder.path, MOST),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

async function inBucket(): Promise<Place> {
  const server = await startFaultyS3()
  const { log } = keptLog()
  return {
    open: () => openS3Artifacts(settingsOf(server), { log, mostBytes: MOST }).artifacts,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

const keep = (artifacts: Artifacts, source: string, { kib = 4, seed = source, org = A } = {}) => {
  const bytes = madeUp(kib * KIB, seed)
  return artifacts.put(org, piecesOf(bytes), factsOf(bytes, source))
}
const used = async (artifacts: Artifacts, org = A): Promise<number> =>
  given(await artifacts.room?.(org)).usedBytes / KIB

describe.each([
  ['in a folder', inFolder],
  ['in a bucket', inBucket],
])('what an org keeps %s', (_, start) => {
  it('is no more than it may keep, and takes no room from another org', async () => {
    await using place = await start()
    const artifacts = place.open()
    await keep(artifacts, 'one')
    await keep(artifacts, 'two')
    await expect(keep(artifacts, 'three')).rejects.toMatchObject(FULL)
    expect(await used(artifacts)).toBe(8)
    await keep(artifacts, 'three', { org: B })
    await keep(artifacts, 'small', { kib: 2 })
    expect(await artifacts.room?.(A)).toEqual({ usedBytes: MOST, mostBytes: MOST })
  })

  it('is counted once when it is the same bytes, has room again when they are forgotten, and is known after a restart', async () => {
    await using place = await start()
    const artifacts = place.open()
    await keep(artifacts, 'one')
    await keep(artifacts, 'same', { seed: 'one' })
    await keep(artifacts, 'two')
    expect(await used(artifacts)).toBe(8)
    await artifacts.forget?.(A, 'one')
    expect(await used(artifacts)).toBe(8)
    await artifacts.forget?.(A, 'same')
    expect(await used(artifacts)).toBe(4)
    const again = place.open()
    expect([await used(again), await used(again, B)]).toEqual([4, 0])
    await keep(again, 'three')
    await expect(keep(again, 'four')).rejects.toMatchObject(FULL)
  })

  it('has the room that was held for a file that never came', async () => {
    await using place = await start()
    const artifacts = place.open()
    const bytes = madeUp(8 * KIB, 'broken')
    const facts = { ...factsOf(bytes, 'broken'), sha256: 'f'.repeat(64) }
    await expect(artifacts.put(A, piecesOf(bytes), facts)).rejects.toThrow()
    expect(await used(artifacts)).toBe(0)
  })

  it('is bounded for files that come at the same time', async () => {
    await using place = await start()
    const artifacts = place.open()
    const ends = await Promise.allSettled(['one', 'two', 'three', 'four'].map(source => keep(artifacts, source)))
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
    expect(await used(artifacts)).toBe(8)
  })
})
