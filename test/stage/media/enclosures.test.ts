import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'

import { describe, expect, it } from 'vitest'

import { openLocalArtifacts } from '../../../host-stub/agentcy/artifacts/local-artifacts.ts'
import type { MediaWording } from '../../../plugin/contract/api/media.ts'
import { ChannelError } from '../../../plugin/contract/errors/errors.ts'
import { MEDIA_MOST_BYTES } from '../../../plugin/contract/media.ts'
import { OutboundFiles } from '../../../plugin/media/outbound-files.ts'
import { Spool } from '../../../plugin/media/spool.ts'
import { ORG } from '../../support/store.ts'
import { PNG } from '../../support/samples.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** Enclosures on a folder of their own; behind every address lie these bytes. */
async function enclosuresOf(behind: () => AsyncIterable<Uint8Array> = () => Readable.from([PNG])) {
  const folder = await temporaryFolder()
  const artifacts = openLocalArtifacts(folder.path)
  const spool = new Spool(join(folder.path, 'spool'))
  await spool.open()
  const enclosures = new OutboundFiles({
    artifacts,
    spool,
    remote: {
      read: async function* () {
        yield* behind()
      },
    },
  })
  const of = (media: MediaWording) =>
    enclosures.of(ORG, media).catch((error: unknown) => (error instanceof ChannelError ? error.code : String(error)))
  const left = (): string[] => readdirSync(join(folder.path, 'spool'))
  return { artifacts, of, left, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

const data = PNG.toString('base64')

describe('a file that is to be sent', () => {
  it('is an artifact, the same one each time, and nothing of it stays in the spool', async () => {
    await using made = await enclosuresOf()
    const file = await made.of({ kind: 'image', data, file_name: '../a.png' })
    expect(file).toMatchObject({ kind: 'image', mime: 'image/png', fileName: 'a.png', sizeBytes: PNG.length })
    expect(await made.of({ kind: 'image', data, file_name: 'a.png' })).toEqual(file)
    const stream = typeof file === 'string' ? null : await made.artifacts.open(ORG, file.artifact, null)
    expect(await stream?.toArray()).toEqual([PNG])
    expect(made.left()).toEqual([])
  })

  it('may be one that is there already', async () => {
    await using made = await enclosuresOf()
    const kept = await made.of({ kind: 'document', data, file_name: 'a.png' })
    if (typeof kept === 'string') throw new Error(kept)
    expect(await made.of({ kind: 'sticker', artifact_id: kept.artifact })).toEqual({ ...kept, kind: 'sticker' })
    expect(await made.of({ kind: 'image', artifact_id: 'art_01J00000000000000000000000' })).toBe('not_found')
  })

  it('has the name of its address when it is given none', async () => {
    await using made = await enclosuresOf()
    const url = 'https://files.example/a/Quarterly%20report.png?x=1'
    expect(await made.of({ kind: 'document', url })).toMatchObject({ fileName: 'Quarterly report.png' })
    expect(await made.of({ kind: 'document', url: 'https://files.example/' })).toMatchObject({ fileName: null })
  })

  it('is what its bytes say, and of a document what its sender says', async () => {
    await using made = await enclosuresOf()
    for (const kind of ['video', 'gif', 'video_note', 'audio', 'voice'] as const) {
      expect(await made.of({ kind, data, mime: 'video/mp4' })).toBe('wrong_media')
    }
    const page = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>').toString('base64')
    expect(await made.of({ kind: 'image', data: page, mime: 'image/png' })).toBe('wrong_media')
    expect(await made.of({ kind: 'document', data: page, mime: 'image/svg+xml' })).toMatchObject({
      mime: 'image/svg+xml',
    })
    expect(await made.of({ kind: 'document', data: Buffer.from('?').toString('base64') })).toMatchObject({
      mime: 'application/octet-stream',
    })
  })

  it('that has no end is given up at the limit of its kind, and nothing of it is kept', async () => {
    let read = 0
    await using made = await enclosuresOf(async function* () {
      for (;;) {
        read += 65_536
        yield Buffer.alloc(65_536)
      }
    })
    expect(await made.of({ kind: 'image', url: 'https://files.example/endless' })).toBe('media_too_large')
    expect(read).toBeLessThan(MEDIA_MOST_BYTES.image + 2_000_000)
    expect(made.left()).toEqual([])
  })
})
