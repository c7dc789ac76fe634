import { readFileSync } from 'node:fs'

import sharp from 'sharp'

/** A picture of one pixel. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** A picture that is worth a thumbnail. */
export const photo = (): Promise<Buffer> =>
  sharp({ create: { width: 640, height: 480, channels: 3, background: '#3a7' } })
    .jpeg()
    .toBuffer()

const sample = (name: string): Buffer => readFileSync(new URL(`../samples/${name}`, import.meta.url))

/** A second of a tone, as phones record it: Ogg and Opus. */
export const VOICE = sample('voice.ogg')
/** The same as an MP3. */
export const MP3 = sample('tone.mp3')
/** A second of a moving picture, in MP4. */
export const MP4 = sample('clip.mp4')
