import type { proto } from '@whiskeysockets/baileys'
import { unwrapped } from '../wire/message-context.ts'
import type { SealedFile } from './sealed-file.ts'
import type { FileFamily } from './media-keys.ts'

/** The kinds of files that a phone sends, and the key family that encrypts each. */
export const fileKinds = {
  image: 'image',
  sticker: 'image',
  video: 'video',
  gif: 'video',
  video_note: 'video',
  audio: 'audio',
  voice: 'audio',
  document: 'document',
} as const satisfies Record<string, FileFamily>
export type FileKind = keyof typeof fileKinds

/** The text and metadata sent with a file. */
export interface FileRemarks {
  mime: string
  caption?: string | undefined
  fileName?: string | undefined
}

/** The location of a file on the media host. */
export interface FilePlace {
  url: string
  directPath: string
}

/** A message with a file, as a phone writes it. */
export function fileMessage(
  kind: FileKind,
  file: SealedFile & FilePlace,
  { mime, caption, fileName }: FileRemarks,
): proto.IMessage {
  const { mediaKey, fileSha256, fileEncSha256, fileLength, url, directPath } = file
  const sealed = { mediaKey, fileSha256, fileEncSha256, fileLength, url, directPath, mimetype: mime }
  const said = { ...sealed, mediaKeyTimestamp: Math.floor(Date.now() / 1000), ...(caption && { caption }) }
  switch (kind) {
    case 'image':
      return { imageMessage: { ...said, width: 640, height: 480 } }
    case 'sticker':
      return { stickerMessage: { ...said, width: 512, height: 512 } }
    case 'video':
      return { videoMessage: { ...said, seconds: 5 } }
    case 'gif':
      return { videoMessage: { ...said, seconds: 2, gifPlayback: true } }
    case 'video_note':
      return { ptvMessage: { ...said, seconds: 5 } }
    case 'audio':
      return { audioMessage: { ...said, seconds: 5 } }
    case 'voice':
      return { audioMessage: { ...said, seconds: 5, ptt: true } }
    case 'document':
      return documentMessage({ ...said, ...(fileName && { fileName }) })
  }
}

/** Phones wrap a document with a caption in another message. */
function documentMessage(document: proto.Message.IDocumentMessage): proto.IMessage {
  return document.caption
    ? { documentWithCaptionMessage: { message: { documentMessage: document } } }
    : { documentMessage: document }
}

type FilePart = { mimetype?: string | null; caption?: string | null; fileName?: string | null }

/** The text and metadata of a message's file; undefined if it has no file. */
export function remarksIn(message: proto.IMessage): { mime: string; name: string; caption: string } | undefined {
  const inner = unwrapped(message)
  const { imageMessage: image, videoMessage: video, ptvMessage: note, audioMessage: audio } = inner
  const part: FilePart | null | undefined =
    image ?? video ?? note ?? audio ?? inner.stickerMessage ?? inner.documentMessage
  return part ? { mime: part.mimetype ?? '', name: part.fileName ?? '', caption: part.caption ?? '' } : undefined
}

/** The file of a message; undefined if it has none. */
export function fileIn(message: proto.IMessage): { family: FileFamily; file: SealedFile & FilePlace } | undefined {
  const inner = unwrapped(message)
  const image = inner.imageMessage ?? inner.stickerMessage
  const video = inner.videoMessage ?? inner.ptvMessage
  const families = [
    ['image', image],
    ['video', video],
    ['audio', inner.audioMessage],
    ['document', inner.documentMessage],
  ] as const
  for (const [family, part] of families) {
    if (!part?.mediaKey || !part.fileSha256 || !part.fileEncSha256) continue
    const { mediaKey, fileSha256, fileEncSha256, fileLength, url, directPath } = part
    const hashes = { fileSha256: Buffer.from(fileSha256), fileEncSha256: Buffer.from(fileEncSha256) }
    const place = { url: url ?? '', directPath: directPath ?? '' }
    return {
      family,
      file: { mediaKey: Buffer.from(mediaKey), ...hashes, fileLength: Number(fileLength ?? 0), ...place },
    }
  }
  return undefined
}

/** The counts that an album message announces; undefined if it is not an album. */
export function albumIn({ albumMessage: album }: proto.IMessage): { images: number; videos: number } | undefined {
  return album ? { images: album.expectedImageCount ?? 0, videos: album.expectedVideoCount ?? 0 } : undefined
}

/** The id of the album that a message belongs to. */
export function albumOf({ messageContextInfo }: proto.IMessage): string | undefined {
  return messageContextInfo?.messageAssociation?.parentMessageKey?.id ?? undefined
}
