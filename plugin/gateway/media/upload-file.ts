import { randomBytes } from 'node:crypto'
import { open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import type { MediaKind } from '../../contract/content.ts'
import type { OutboundFile, Remark } from '../../contract/delivery.ts'
import { ChannelError } from '../../contract/errors/errors.ts'
import { unreachable } from '../../contract/errors/unreachable.ts'
import type { OrgId } from '../../contract/ids.ts'
import { readPieces } from '../../files/read-file.ts'
import type { Decoders, Made } from '../convert/decoders.ts'
import { makeStill, makeVoice } from '../convert/ffmpeg.ts'
import { fileKeysOf } from './file-keys.ts'
import type { FileDescription, SentFilePart } from '../messages/file-message.ts'
import type { MediaConnection } from './media-connection.ts'
import { createSealing } from './encrypt.ts'
import { everyMebibyte } from './timeouts.ts'
import { upload } from './upload.ts'

/** The one form of sound that phones play as a voice note. */
const VOICE_TYPE = 'audio/ogg; codecs=opus'

/** A file to send: the kind as which it is shown, its path, and the name under which its progress is reported. */
export type Outgoing = { readonly file: OutboundFile; readonly path: string; readonly name: string }

/** What uploading files needs. */
export type OutgoingPorts = {
  /** Where temporary files are stored. Only we use this folder, and it is emptied when the process starts. */
  readonly folder: string
  readonly org: OrgId
  /** The workers that inspect files. */
  readonly decoders: Pick<Decoders, 'make' | 'convert'>
  readonly onLoopback: boolean
  /** @throws when there is no connection. */
  readonly connection: (fresh: boolean) => Promise<MediaConnection>
  readonly moved: (progress: { file: string; doneBytes: number; totalBytes: number }) => void
}

/** An uploaded file, and the part of the message that describes it. */
export type PutFile = { readonly part: SentFilePart; readonly remark: Remark | null }

/** A file in the form in which it is sent. */
type Formed = {
  readonly kind: MediaKind
  readonly mime: string
  readonly path: string
  readonly description: FileDescription
  readonly remark: Remark | null
}

/**
 * Converts a file into the form that phones expect, encrypts it and uploads it. Removes all temporary files.
 * @throws ChannelError `wrong_media` when it cannot be converted, `gateway_unreachable` when no host accepts it now
 */
export async function putFile(outgoing: Outgoing, ports: OutgoingPorts): Promise<PutFile> {
  const [formedPath, sealedPath] = ['formed', 'sealed'].map(use =>
    join(ports.folder, `${use}-${randomBytes(8).toString('hex')}`),
  ) as [string, string]
  try {
    const formed = await formOf(outgoing, { ...ports, into: formedPath })
    const mediaKey = randomBytes(32)
    const hashes = await seal(formed, { mediaKey, into: sealedPath })
    const place = await put({ formed, sealedPath, name: outgoing.name, ...hashes }, ports)
    const { kind, mime, description, remark } = formed
    return { part: { kind, mime, mediaKey, ...hashes, ...place, ...description }, remark }
  } finally {
    await Promise.all([rm(formedPath, { force: true }), rm(sealedPath, { force: true })])
  }
}

/** The workers that inspect a file, and the path of what they make of it. */
type Forming = Pick<OutgoingPorts, 'org' | 'decoders'> & { readonly into: string }

async function formOf(outgoing: Outgoing, forming: Forming): Promise<Formed> {
  const { kind, mime } = outgoing.file
  const { path } = outgoing
  const as = { kind, mime, path, remark: null }
  switch (kind) {
    case 'image':
      return { ...as, description: { ...(await made(forming, 'picture', path)) } }
    case 'sticker':
      return stickerOf(outgoing, forming)
    case 'voice':
      return voiceOf(outgoing, forming)
    case 'video':
    case 'gif':
    case 'video_note':
      return {
        ...as,
        description: { ...(await stillOf(path, forming)), seconds: await made(forming, 'seconds', path) },
      }
    case 'audio':
      return { ...as, description: { seconds: await made(forming, 'seconds', path) } }
    case 'document':
      return { ...as, description: {} }
  }
}

/** What a worker finds out about a file or makes of it; null when that fails, or takes too long. */
const made = <Kind extends keyof Made>(
  { org, decoders, into }: Forming,
  kind: Kind,
  path: string,
): Promise<Made[Kind] | null> => decoders.make(org, { kind, path, into })

/** The picture that phones show of a video before it is downloaded; empty when there is no ffmpeg. */
async function stillOf(path: string, forming: Forming): Promise<FileDescription> {
  const { org, decoders, into } = forming
  const isMade = await decoders.convert(org, signal => makeStill({ path, into, signal }))
  return isMade ? { ...(await made(forming, 'picture', into)) } : {}
}

async function stickerOf({ file, path }: Outgoing, forming: Forming): Promise<Formed> {
  const as = { kind: 'sticker', mime: 'image/webp', remark: null } as const
  const isMade = file.mime === 'image/webp' ? false : (await made(forming, 'sticker', path)) === true
  if (file.mime !== 'image/webp' && !isMade) throw new ChannelError('wrong_media')
  const formed = isMade ? forming.into : path
  const picture = await made(forming, 'picture', formed)
  if (!picture) throw new ChannelError('wrong_media')
  const { width, height } = picture
  return {
    ...as,
    path: formed,
    description: { width, height, isAnimated: (await made(forming, 'animation', formed)) === true },
  }
}

async function voiceOf({ file: { mime }, path }: Outgoing, forming: Forming): Promise<Formed> {
  const { org, decoders, into } = forming
  const isVoice = mime === VOICE_TYPE
  const isMade = !isVoice && (await decoders.convert(org, signal => makeVoice({ path, into, mime, signal })))
  const formed = isMade ? into : path
  const seconds = await made(forming, 'seconds', formed)
  if (!isVoice && !isMade) {
    return { kind: 'audio', mime, path, remark: 'sent_as_audio', description: { seconds } }
  }
  const waveform = await made(forming, 'waveform', formed)
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
    for await (const chunk of readPieces(path)) await file.writeFile(sealing.take(chunk))
    const { rest, ...hashes } = sealing.end()
    await file.writeFile(rest)
    return hashes
  } finally {
    await file.close()
  }
}

type Sealed = { readonly formed: Formed; readonly sealedPath: string; readonly name: string } & Hashes

/** The authorisation for uploads may have expired: it is requested again once. */
async function put({ formed, sealedPath, name, fileEncSha256 }: Sealed, ports: OutgoingPorts) {
  const { size: sizeBytes } = await stat(sealedPath)
  const progress = everyMebibyte(doneBytes => ports.moved({ file: name, doneBytes, totalBytes: sizeBytes }))
  const { kind } = formed
  const file = { path: sealedPath, kind, sizeBytes, fileEncSha256, onLoopback: ports.onLoopback, progress }
  for (const fresh of [false, true]) {
    const place = await upload(file, await ports.connection(fresh))
    if (place) return place
  }
  throw unreachable('refused')
}
