import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import type { MediaKind } from '../contract/content.ts'
import type { OutboundFile, Remark } from '../contract/delivery.ts'
import { ChannelError } from '../contract/errors.ts'
import { makeStill, makeVoice } from './ffmpeg.ts'
import { fileKeysOf } from './file-keys.ts'
import type { FileDescription, SentFilePart } from './file-message.ts'
import type { MediaConnection } from './media-connection.ts'
import { isAnimated, makeSticker, pictureOf } from './picture.ts'
import { createSealing } from './sealing.ts'
import { secondsOf, VOICE_TYPE, waveformOf } from './sound.ts'
import { everyMebibyte } from './transfer-times.ts'
import { upload } from './upload.ts'

/** A file that is to go out: what it is to be shown as, where it lies, and the name under which its progress is told. */
export type Outgoing = { readonly file: OutboundFile; readonly path: string; readonly name: string }

/** What files are put on WhatsApp's hosts with. */
export type OutgoingPorts = {
  /** Where files lie while they are worked on; ours alone, and emptied when the process starts. */
  readonly folder: string
  readonly onLoopback: boolean
  /** @throws when nobody is connected. */
  readonly connection: (fresh: boolean) => Promise<MediaConnection>
  readonly moved: (progress: { file: string; doneBytes: number; totalBytes: number }) => void
}

/** A file that lies on WhatsApp's hosts, and what its message says of it. */
export type PutFile = { readonly part: SentFilePart; readonly remark: Remark | null }

/** A file in the form in which it goes out. */
type Formed = {
  readonly kind: MediaKind
  readonly mime: string
  readonly path: string
  readonly description: FileDescription
  readonly remark: Remark | null
}

/**
 * Brings a file into the form that phones want, encrypts it and puts it up. Whatever that leaves on the disk is removed.
 * @throws ChannelError `wrong_media` when it cannot be brought into that form, `gateway_unreachable` when no host takes it now
 */
export async function putFile(outgoing: Outgoing, ports: OutgoingPorts): Promise<PutFile> {
  const [formedPath, sealedPath] = ['formed', 'sealed'].map(use =>
    join(ports.folder, `${use}-${randomBytes(8).toString('hex')}`),
  ) as [string, string]
  try {
    const formed = await formOf(outgoing, formedPath)
    const mediaKey = randomBytes(32)
    const hashes = await seal(formed, { mediaKey, into: sealedPath })
    const place = await put({ formed, sealedPath, name: outgoing.name, ...hashes }, ports)
    const { kind, mime, description, remark } = formed
    return { part: { kind, mime, mediaKey, ...hashes, ...place, ...description }, remark }
  } finally {
    await Promise.all([rm(formedPath, { force: true }), rm(sealedPath, { force: true })])
  }
}

async function formOf(outgoing: Outgoing, into: string): Promise<Formed> {
  const { kind, mime } = outgoing.file
  const { path } = outgoing
  const as = { kind, mime, path, remark: null }
  switch (kind) {
    case 'image':
      return { ...as, description: { ...(await pictureOf(path)) } }
    case 'sticker':
      return stickerOf(outgoing, into)
    case 'voice':
      return voiceOf(outgoing, into)
    case 'video':
    case 'gif':
    case 'video_note':
      return { ...as, description: { ...(await stillOf(path, into)), seconds: await secondsOf(path) } }
    case 'audio':
      return { ...as, description: { seconds: await secondsOf(path) } }
    case 'document':
      return { ...as, description: {} }
  }
}

/** What phones show of a video before it is there; nothing where there is no ffmpeg. */
async function stillOf(path: string, into: string): Promise<FileDescription> {
  return (await makeStill(path, into)) ? { ...(await pictureOf(into)) } : {}
}

async function stickerOf({ file, path }: Outgoing, into: string): Promise<Formed> {
  const as = { kind: 'sticker', mime: 'image/webp', remark: null } as const
  const isMade = file.mime === 'image/webp' ? false : await makeSticker(path, into)
  if (file.mime !== 'image/webp' && !isMade) throw new ChannelError('wrong_media')
  const formed = isMade ? into : path
  const picture = await pictureOf(formed)
  if (!picture) throw new ChannelError('wrong_media')
  const { width, height } = picture
  return { ...as, path: formed, description: { width, height, isAnimated: await isAnimated(formed) } }
}

async function voiceOf({ file, path }: Outgoing, into: string): Promise<Formed> {
  const isVoice = file.mime === VOICE_TYPE
  const isMade = !isVoice && (await makeVoice(path, into, file.mime))
  const formed = isMade ? into : path
  const seconds = await secondsOf(formed)
  if (!isVoice && !isMade) {
    return { kind: 'audio', mime: file.mime, path, remark: 'sent_as_audio', description: { seconds } }
  }
  const waveform = await waveformOf(formed)
  return { kind: 'voice', mime: VOICE_TYPE, path: formed, remark: null, description: { seconds, waveform } }
}

type Hashes = Pick<SentFilePart, 'fileSha256' | 'fileEncSha256' | 'fileLength'>

async function seal(
  { path, kind }: Formed,
  { mediaKey, into }: { mediaKey: Uint8Array; into: string },
): Promise<Hashes> {
  const sealing = createSealing(await fileKeysOf(mediaKey, kind))
  const file = await open(into, 'wx', 0o600)
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) await file.writeFile(sealing.take(chunk))
    const { rest, ...hashes } = sealing.end()
    await file.writeFile(rest)
    return hashes
  } finally {
    await file.close()
  }
}

type Sealed = { readonly formed: Formed; readonly sealedPath: string; readonly name: string } & Hashes

/** What entitles to an upload may have run out: it is asked for anew once. */
async function put({ formed, sealedPath, name, fileEncSha256 }: Sealed, ports: OutgoingPorts) {
  const { size: sizeBytes } = await stat(sealedPath)
  const progress = everyMebibyte(doneBytes => ports.moved({ file: name, doneBytes, totalBytes: sizeBytes }))
  const { kind } = formed
  const file = { path: sealedPath, kind, sizeBytes, fileEncSha256, onLoopback: ports.onLoopback, progress }
  for (const fresh of [false, true]) {
    const place = await upload(file, await ports.connection(fresh))
    if (place) return place
  }
  throw new ChannelError('gateway_unreachable')
}
