import { execFileSync } from 'node:child_process'

import { proto } from '@whiskeysockets/baileys'
import sharp from 'sharp'
import { expect, it } from 'vitest'

import type { SendStatus } from '../../plugin/contract/api/sends.ts'
import type { Heard } from '../support/network.ts'
import { MP3, MP4 } from '../support/samples.ts'
import { storiesInTurn } from '../support/stories-in-turn.ts'

const { nextLinkedStory } = storiesInTurn()

const MISSING = 'ffmpeg not installed: apt-get install ffmpeg'
const hasFfmpeg = (() => {
  try {
    execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

const soundOf = ({ content }: Heard) => proto.Message.decode(Buffer.from(content, 'base64')).audioMessage

/** Sends an MP3 as a voice note from a host that finds its programs there; what the phone has of it, and what is said of the send. */
async function spoken(path: string | undefined) {
  const host = path === undefined ? {} : { env: { PATH: path } }
  await using story = await nextLinkedStory({ network: { media: true }, host })
  const { network, client, owner } = story
  const alice = await network.phone('alice')
  const media = { kind: 'voice', data: MP3.toString('base64') } as const
  const { id } = await client.whatsapp.send.mutate({ to: alice.phone, media })
  const heard = await alice.hears(each => soundOf(each) !== null, { from: owner })
  const send: SendStatus = await client.whatsapp.sends.get.query({ id })
  return { sound: soundOf(heard), file: await alice.opensFile(heard.id), remark: send.remark }
}

it('sound becomes a voice note where ffmpeg is', async context => {
  if (!hasFfmpeg) context.skip(MISSING)
  const { sound, file, remark } = await spoken(undefined)
  expect(sound).toMatchObject({ ptt: true, mimetype: 'audio/ogg; codecs=opus', seconds: 1 })
  expect(sound?.waveform).toHaveLength(64)
  expect(file.head.subarray(0, 4).toString()).toBe('OggS')
  expect(remark).toBeNull()
})

it('sound stays what it is where nothing can make a voice note of it, and the send says so', async () => {
  const { sound, file, remark } = await spoken('/nonexistent')
  expect(sound).toMatchObject({ mimetype: 'audio/mpeg', seconds: 1 })
  expect(sound?.ptt).toBeFalsy()
  expect(file.head).toEqual(MP3)
  expect(remark).toBe('sent_as_audio')
})

it.skipIf(!hasFfmpeg)(
  'a video shows its beginning before it is there (skipped unless ffmpeg is installed)',
  async () => {
    await using story = await nextLinkedStory({ network: { media: true } })
    const { network, client, owner } = story
    const alice = await network.phone('alice')
    const media = { kind: 'video', data: MP4.toString('base64') } as const
    await client.whatsapp.send.mutate({ to: alice.phone, media })
    const videoOf = ({ content }: Heard) => proto.Message.decode(Buffer.from(content, 'base64')).videoMessage
    const video = videoOf(await alice.hears(each => videoOf(each) !== null, { from: owner }))
    expect(video).toMatchObject({ width: 64, height: 48, seconds: 1 })
    expect(await sharp(video?.jpegThumbnail ?? Buffer.alloc(0)).metadata()).toMatchObject({ width: 64, height: 48 })
  },
)
