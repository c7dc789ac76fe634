import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import sharp from 'sharp'
import { describe, expect, it } from 'vitest'

import { isAnimated, makeSticker, pictureOf } from '../../../../plugin/gateway/convert/image.ts'
import { hugePicture, longAnimation } from '../../../support/hostile-files.ts'
import { photo, PNG } from '../../../support/samples.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

/** A file with these bytes, and a place beside it. */
async function fileOf(bytes: Buffer) {
  const folder = await temporaryFolder()
  const path = join(folder.path, 'picture')
  await writeFile(path, bytes)
  return { path, into: join(folder.path, 'made'), [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

describe('a picture', () => {
  it('is shown small, and never larger than it is', async () => {
    await using large = await fileOf(await photo())
    const seen = await pictureOf(large.path)
    expect(seen).toMatchObject({ width: 640, height: 480 })
    expect(await sharp(seen?.jpegThumbnail ?? Buffer.alloc(0)).metadata()).toMatchObject({ width: 72, height: 54 })
    await using small = await fileOf(PNG)
    const thumbnail = (await pictureOf(small.path))?.jpegThumbnail
    expect(await sharp(thumbnail ?? Buffer.alloc(0)).metadata()).toMatchObject({ format: 'jpeg', width: 1, height: 1 })
  })

  it('is told of as it is looked at, whichever way its camera was held', async () => {
    const turned = await sharp(await photo())
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer()
    await using held = await fileOf(turned)
    expect(await pictureOf(held.path)).toMatchObject({ width: 480, height: 640 })
  })

  it('of too many pixels is told of, and never unpacked', async () => {
    await using huge = await fileOf(hugePicture(50_000))
    expect(await pictureOf(huge.path)).toEqual({ width: 50_000, height: 50_000, jpegThumbnail: null })
    expect(await makeSticker(huge.path, huge.into)).toBe(false)
  })

  it('just above the limit is not unpacked, and one below it is', async () => {
    const plain = (width: number) =>
      sharp({ create: { width, height: 5_000, channels: 3, background: '#3a7' } })
        .png({ compressionLevel: 1 })
        .toBuffer()
    await using above = await fileOf(await plain(10_001))
    expect((await pictureOf(above.path))?.jpegThumbnail).toBeNull()
    await using below = await fileOf(await plain(9_999))
    expect((await pictureOf(below.path))?.jpegThumbnail).toBeTruthy()
  })

  it('is none when it cannot be read', async () => {
    await using none = await fileOf(Buffer.from('not a picture'))
    expect(await pictureOf(none.path)).toBeNull()
    expect(await makeSticker(none.path, none.into)).toBe(false)
  })

  it('becomes a sticker that is square and sees through, and moves when it did', async () => {
    await using still = await fileOf(await photo())
    expect(await makeSticker(still.path, still.into)).toBe(true)
    expect(await sharp(still.into).metadata()).toMatchObject({
      format: 'webp',
      width: 512,
      height: 512,
      hasAlpha: true,
    })
    expect(await isAnimated(still.into)).toBe(false)
    const frames = ['#f00', '#0f0'].map(background => ({
      create: { width: 64, height: 64, channels: 3 as const, background },
    }))
    const moving = await sharp(await Promise.all(frames.map(frame => sharp(frame).png().toBuffer())), {
      join: { animated: true },
    })
      .webp()
      .toBuffer()
    await using moved = await fileOf(moving)
    expect(await makeSticker(moved.path, moved.into)).toBe(true)
    expect(await isAnimated(moved.into)).toBe(true)
  })

  it('becomes no sticker when it moves for longer than stickers do, however small it is', async () => {
    await using long = await fileOf(longAnimation(3))
    expect(await makeSticker(long.path, long.into)).toBe(true)
    await using endless = await fileOf(longAnimation(301))
    expect(await makeSticker(endless.path, endless.into)).toBe(false)
  })
})
