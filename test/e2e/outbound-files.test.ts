import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { proto } from '@whiskeysockets/baileys'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { SendRequest } from '../../plugin/contract/api/sends.ts'
import { MEDIA_KINDS, type MediaKind } from '../../plugin/contract/content.ts'
import { followMessages } from '../support/events.ts'
import { KIND_ROWS } from '../support/kind-rows.ts'
import type { GroupCharacter, Heard, PhoneCharacter } from '../support/network.ts'
import { MP3, MP4, photo, PNG, VOICE } from '../support/samples.ts'
import { given } from '../support/given.ts'
import { startLinkedStory, type Story } from '../support/story.ts'

type Media = NonNullable<SendRequest['media']>

let story: Story & { owner: PhoneCharacter }
let alice: PhoneCharacter
let team: GroupCharacter

beforeAll(async () => {
  story = await startLinkedStory({ network: { media: true } })
  alice = await story.network.phone('alice')
  team = await story.network.group('Team', [story.owner, alice])
  await alice.says('hello', { to: story.owner })
})
afterAll(() => story[Symbol.asyncDispose]())

const messageOf = ({ content }: Heard): proto.Message => proto.Message.decode(Buffer.from(content, 'base64'))
const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The part of a message that brings a file. */
function partOf(message: proto.Message): { name: string; part: proto.Message.IDocumentMessage } {
  const inner = message.documentWithCaptionMessage?.message ?? message
  const [name, part] = given(Object.entries(inner).find(([key, value]) => key.endsWith('Message') && value !== null))
  return { name, part: part as proto.Message.IDocumentMessage }
}

/** What alice's phone has of the next message of ours that fits, and the file in it, opened as phones open it. */
async function heard(fits: (message: proto.Message) => unknown) {
  const found = await alice.hears(each => Boolean(fits(messageOf(each))), { from: story.owner })
  return { ...partOf(messageOf(found)), file: await alice.opensFile(found.id) }
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

const FILES: [MediaKind, () => Promise<Buffer>, string][] = [
  ['image', photo, 'imageMessage'],
  ['image', async () => PNG, 'imageMessage'],
  ['video', async () => MP4, 'videoMessage'],
  ['gif', async () => MP4, 'videoMessage'],
  ['video_note', async () => MP4, 'ptvMessage'],
  ['audio', async () => MP3, 'audioMessage'],
  ['voice', async () => VOICE, 'audioMessage'],
  ['document', async () => Buffer.from('a,b\n1,2\n'), 'documentMessage'],
  ['sticker', () => sharp(PNG).resize(512, 512).webp().toBuffer(), 'stickerMessage'],
]

it('every kind of file has its story here', () => {
  expect(new Set(FILES.map(([kind]) => kind))).toEqual(new Set(MEDIA_KINDS))
  expect(KIND_ROWS.filter(({ said }) => said === '`media`')).toHaveLength(MEDIA_KINDS.length)
})

describe.each(['direct', 'group'] as const)('in a %s chat', place => {
  const to = (): string => (place === 'direct' ? alice.phone : team.id)
  const send = (media: Media) => story.client.whatsapp.send.mutate({ to: to(), media })
  let nth = 0

  it.each(FILES)('a file is the same on the phone, and shown as what it is: %s', async (kind, bytesOf, shown) => {
    const bytes = await bytesOf()
    const text = `${place} ${kind} ${(nth += 1)}`
    const captioned = ['image', 'video', 'gif', 'document'].includes(kind)
    await send({ kind, data: base64(bytes), ...(captioned && { caption: text }) })
    const fits = (message: proto.Message): boolean => {
      const { name, part } = partOf(message)
      return name === shown && (part.caption ?? '') === (captioned ? text : '')
    }
    const { part, file } = await heard(fits)
    expect(file).toMatchObject({ sha256: sha256Of(bytes), sizeBytes: bytes.length })
    expect(Number(part.fileLength)).toBe(bytes.length)
    const { gifPlayback = false, ptt = false } = part as proto.Message.IVideoMessage & proto.Message.IAudioMessage
    expect([Boolean(gifPlayback), Boolean(ptt)]).toEqual([kind === 'gif', kind === 'voice'])
  })
})

describe('a file on the phone', () => {
  const send = (media: Media) => story.client.whatsapp.send.mutate({ to: alice.phone, media })

  it('has what phones show before it is there: its size, a small picture, its length, its loudness', async () => {
    await send({ kind: 'image', data: base64(await photo()), caption: 'seen' })
    const { imageMessage } = messageOf(
      await alice.hears(each => messageOf(each).imageMessage?.caption === 'seen', { from: story.owner }),
    )
    expect(imageMessage).toMatchObject({ width: 640, height: 480, mimetype: 'image/jpeg' })
    expect(await sharp(imageMessage?.jpegThumbnail ?? Buffer.alloc(0)).metadata()).toMatchObject({
      width: 72,
      height: 54,
    })
    await send({ kind: 'voice', data: base64(VOICE) })
    const { audioMessage } = messageOf(
      await alice.hears(each => messageOf(each).audioMessage?.ptt === true, { from: story.owner }),
    )
    expect(audioMessage).toMatchObject({ seconds: 1, mimetype: 'audio/ogg; codecs=opus' })
    expect(audioMessage?.waveform).toHaveLength(64)
    expect(Math.max(...(audioMessage?.waveform ?? []))).toBe(100)
  })

  it('answers a message, mentions people in its caption, and has its name', async () => {
    using messages = followMessages(story.client)
    const { data } = await messages.until(each => each.data.text === 'hello')
    const media = { kind: 'document', data: base64(PNG), caption: `for @${alice.phone}`, file_name: 'a.png' } as const
    await story.client.whatsapp.send.mutate({ to: alice.phone, media, reply_to: data.id, mentions: [alice.phone] })
    const { part } = await heard(
      message => message.documentWithCaptionMessage?.message?.documentMessage?.fileName === 'a.png',
    )
    expect(part).toMatchObject({ caption: `for @${alice.lid}`, mimetype: 'image/png' })
    expect(part.contextInfo).toMatchObject({
      mentionedJid: [`${alice.lid}@lid`],
      quotedMessage: { conversation: 'hello' },
    })
  })

  it('is called by its type when it has no name', async () => {
    await send({ kind: 'document', data: base64(PNG) })
    await heard(message => message.documentMessage?.fileName === 'file.png')
  })

  it('that is no sticker yet is made one', async () => {
    await send({ kind: 'sticker', data: base64(await photo()) })
    const { part, file } = await heard(
      message => message.stickerMessage?.width === 512 && message.stickerMessage.mimetype,
    )
    expect(part.mimetype).toBe('image/webp')
    expect(await sharp(file.head).metadata()).toMatchObject({ format: 'webp', width: 512, height: 512 })
  })

  it('is an artifact here, which can be sent again, and leaves nothing behind', async () => {
    const { message_id } = await send({ kind: 'document', data: base64(PNG), file_name: 'again.png' })
    const { messages } = await story.client.whatsapp.messages.list.query({ limit: 5 })
    const [file] = given(messages.find(({ id }) => id === message_id)).media
    expect(file).toMatchObject({ kind: 'document', mime: 'image/png', size: PNG.length, file_name: 'again.png' })
    await send({ kind: 'image', artifact_id: given(given(file).artifact_id) })
    await heard(message => message.imageMessage && !message.imageMessage.caption)
    const { home } = story.host
    expect(readdirSync(join(home, 'openfang', 'whatsapp-gateway', 'media', 'org_local', 'default'))).toEqual([])
    expect(readdirSync(join(home, 'agentcy', 'plugins', 'whatsapp', 'spool'))).toEqual([])
  })

  it('is refused with what to do when it cannot be sent', async () => {
    const refusal = (media: Media) =>
      send(media).then(
        () => 'accepted',
        (error: unknown) => JSON.stringify(error),
      )
    expect(await refusal({ kind: 'video', data: base64(PNG) })).toContain('wrong_media')
    expect(await refusal({ kind: 'image', artifact_id: 'art_01J00000000000000000000000' })).toContain('not_found')
    expect(await refusal({ kind: 'image', url: 'https://127.0.0.1/x.png' })).toContain('url_not_fetched')
    expect(await refusal({ kind: 'image', url: `${story.host.url}/api/v1/healthz` as string })).toContain('bad_request')
    expect(await refusal({ kind: 'image', data: '!' })).toContain('bad_request')
    expect(await refusal({ kind: 'voice', data: base64(VOICE), caption: 'x' })).toContain('bad_request')
  })
})
