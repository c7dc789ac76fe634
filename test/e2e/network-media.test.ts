import { createHash, randomBytes } from 'node:crypto'

import { downloadMediaMessage, type AnyMessageContent } from '@whiskeysockets/baileys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { FileKind } from '../../host-stub/whatsapp/media/file-message.ts'
import { linkedClient, type BareClient } from '../support/network-client.ts'
import { startNetwork, type PhoneCharacter, type RunningNetwork } from '../support/network.ts'
import { MP3, MP4, photo, VOICE } from '../support/samples.ts'

// The stock client is told of a certificate of its own only when its process starts; these stories are about all the rest.
process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'

let network: RunningNetwork
let owner: PhoneCharacter
let alice: PhoneCharacter
let client: BareClient

beforeAll(async () => {
  network = await startNetwork({ media: true })
  owner = await network.phone('owner')
  alice = await network.phone('alice')
  client = await linkedClient(network, owner)
})
afterAll(async () => {
  await client[Symbol.asyncDispose]()
  await network[Symbol.asyncDispose]()
})

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('a file between the stock client and a phone', () => {
  it.each<[FileKind, string]>([
    ['image', 'image/jpeg'],
    ['sticker', 'image/webp'],
    ['video', 'video/mp4'],
    ['gif', 'video/mp4'],
    ['video_note', 'video/mp4'],
    ['audio', 'audio/mpeg'],
    ['voice', 'audio/ogg; codecs=opus'],
    ['document', 'application/pdf'],
  ])('is the same on the client when the phone sends it: %s', async (kind, mime) => {
    const bytes = randomBytes(100_000)
    const { id } = await alice.sendsFile({ kind, mime, bytes }, { to: owner })
    const message = await client.receives(({ key }) => key.id === id)
    expect(await downloadMediaMessage(message, 'buffer', {})).toEqual(bytes)
  })

  it.each<[string, () => Promise<Buffer>, (bytes: Buffer) => AnyMessageContent]>([
    ['image', photo, image => ({ image })],
    ['video', async () => MP4, video => ({ video })],
    ['gif', async () => MP4, video => ({ video, gifPlayback: true })],
    ['video note', async () => MP4, video => ({ video, ptv: true })],
    ['audio', async () => MP3, audio => ({ audio, mimetype: 'audio/mpeg' })],
    ['voice note', async () => VOICE, audio => ({ audio, ptt: true })],
    ['document', async () => randomBytes(100_000), document => ({ document, mimetype: 'application/pdf' })],
    ['sticker', photo, sticker => ({ sticker })],
  ])('is the same on the phone when the client sends it: %s', async (_name, bytesOf, contentOf) => {
    const bytes = await bytesOf()
    const sent = await client.socket.sendMessage(`${alice.lid}@lid`, contentOf(bytes))
    await alice.hears(({ id }) => id === sent?.key.id, { from: owner })
    expect(await alice.opensFile(sent?.key.id ?? '')).toMatchObject({
      sha256: sha256Of(bytes),
      sizeBytes: bytes.length,
    })
  })
})
