import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isCrowded, type Page, pagesOf, samplesIn } from '../../../../plugin/gateway/convert/ogg-pages.ts'
import { HEARING, secondsOf, waveformOf } from '../../../../plugin/gateway/convert/audio.ts'
import { oggPage, opusHead, opusTags, SILENCE, silentBomb } from '../../../support/ogg.ts'
import { VOICE } from '../../../support/samples.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

async function fileOf(bytes: Buffer) {
  const folder = await temporaryFolder()
  const path = join(folder.path, 'sound')
  await writeFile(path, bytes)
  return { path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

/** The pages of what comes in pieces of so many bytes. */
async function read(bytes: Buffer, most: number): Promise<{ pages: number; packets: string[] }> {
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += most) yield bytes.subarray(at, at + most)
  }
  const found: Page[] = []
  for await (const page of pagesOf(chunks())) found.push(page)
  return { pages: found.length, packets: found.flatMap(({ packets }) => packets.map(each => each.toString('hex'))) }
}

describe('the bars of a voice note', () => {
  it('are 64, the loudest of them 100', async () => {
    await using voice = await fileOf(VOICE)
    expect(await secondsOf(voice.path)).toBe(1)
    const bars = await waveformOf(voice.path)
    expect(bars).toHaveLength(64)
    expect(Math.max(...(bars ?? []))).toBe(100)
  })

  it('are of no more than the beginning, however much sound a few bytes are', async () => {
    await using bomb = await fileOf(silentBomb(50))
    let decoded = 0
    const isOver = () => (decoded += 1) < 0
    expect(await waveformOf(bomb.path, { ...HEARING, isOver })).toEqual(new Uint8Array(64))
    // Two pages say what follows, and each of the others is 30.6 s.
    expect(decoded).toBe(2 + Math.floor(600 / 30.6))
  })

  it('are of what was heard when the time for it is over', async () => {
    await using bomb = await fileOf(silentBomb(50))
    let decoded = 0
    const isOver = () => (decoded += 1) > 4
    expect(await waveformOf(bomb.path, { samplesMost: Infinity, isOver })).toEqual(new Uint8Array(64))
    expect(decoded).toBe(5)
  })

  it.each([
    ['255 channels', oggPage([opusHead(255, 255)], 0)],
    ['three channels', oggPage([opusHead(3, 1)], 0)],
    ['255 channels behind a voice note', Buffer.concat([silentBomb(1), oggPage([opusHead(255, 255)], 9, true)])],
    ['nothing that is sound', Buffer.from('not a sound')],
    ['nothing', Buffer.alloc(0)],
  ])('are none of what has %s', async (_, bytes) => {
    await using file = await fileOf(bytes)
    expect(await waveformOf(file.path)).toBeNull()
  })
})

describe('the pages of a sound', () => {
  const sound = Buffer.concat([
    oggPage([opusHead()], 0),
    oggPage([opusTags()], 1),
    oggPage([SILENCE, Buffer.from([8])], 2),
  ])

  it('are the same in whichever pieces they come', async () => {
    const whole = await read(sound, sound.length)
    expect(whole.packets.slice(2)).toEqual(['fb06', '08'])
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: sound.length }), async most => {
        expect(await read(sound, most)).toEqual(whole)
      }),
    )
  })

  it('end where there is none, and a packet that goes over them begins once', async () => {
    const long = oggPage([Buffer.alloc(200)], 3)
    const open = Buffer.concat([oggPage([], 2).subarray(0, 26), Buffer.from([1, 255]), Buffer.alloc(255, 9)])
    expect(await read(Buffer.concat([open, long, SILENCE]), 1_000)).toEqual({ pages: 2, packets: ['09'.repeat(255)] })
  })

  it('are read to the end of anything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async bytes => {
        const { packets } = await read(Buffer.concat([oggPage([SILENCE], 0), Buffer.from(bytes)]), 64)
        expect(packets[0]).toBe('fb06')
      }),
    )
  })
})

it.each([
  // RFC 6716, 3.1: configuration, how frames are packed, how many.
  [[0x00], 480],
  [[0x19], 2 * 2_880],
  [[0x63], 0],
  [[0x63, 6], 6 * 480],
  [[0x68], 960],
  [[0x80], 120],
  [[0xfa], 2 * 960],
  [[0xfb, 6], 5_760],
  [[0xfb, 0xc6], 5_760],
  [[], 0],
])('a packet of %j is %i samples', (bytes, samples) => {
  expect(samplesIn(Buffer.from(bytes))).toBe(samples)
})

it('what says how many channels there are is no sound, and two are enough', () => {
  expect(samplesIn(opusHead())).toBe(0)
  expect([opusHead(1), opusHead(2), opusHead(3), opusHead(2, 1)].map(isCrowded)).toEqual([false, false, true, true])
})
