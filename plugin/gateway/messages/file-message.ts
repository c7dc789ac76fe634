import type { proto } from '@whiskeysockets/baileys'

import type { MediaKind } from '../../contract/content.ts'
import { fileEnding } from '../../files/file-extension.ts'

/** What describes a file, besides its bytes. Unknown fields are left out. */
export type FileDescription = {
  readonly width?: number
  readonly height?: number
  readonly jpegThumbnail?: Uint8Array | null
  readonly seconds?: number | null
  readonly waveform?: Uint8Array | null
  readonly isAnimated?: boolean
}

/** A file on WhatsApp's hosts: how it is shown, where it is stored, and what decrypts and verifies it. */
export type SentFilePart = FileDescription & {
  readonly kind: MediaKind
  readonly mime: string
  readonly mediaKey: Uint8Array
  readonly fileSha256: Uint8Array
  readonly fileEncSha256: Uint8Array
  readonly fileLength: number
  readonly url: string | null
  readonly directPath: string
}

/** What is sent beside a file. */
export type FileRemarks = {
  readonly caption: string
  readonly fileName: string | null
  /** ms UTC */
  readonly at: number
  readonly contextInfo: proto.IContextInfo | null
}

/** Phones call a document without a name "Untitled", in their own language, and choose what opens it by its ending. */
const NAMELESS = 'file'

/** The message for a file, as phones write it. */
export function fileMessage(file: SentFilePart, remarks: FileRemarks): proto.IMessage {
  const { kind, width, height, jpegThumbnail, seconds, waveform, isAnimated } = file
  const common = commonOf(file, remarks)
  const { caption } = remarks
  const words = caption === '' ? {} : { caption }
  const sides = { ...(width && { width }), ...(height && { height }) }
  const seen = { ...sides, ...(jpegThumbnail && { jpegThumbnail }) }
  const played = { ...(seconds && { seconds }) }
  switch (kind) {
    case 'image':
      return { imageMessage: { ...common, ...words, ...seen } }
    case 'sticker':
      return { stickerMessage: { ...common, ...sides, isAnimated: isAnimated === true } }
    case 'video':
      return { videoMessage: { ...common, ...words, ...seen, ...played } }
    case 'gif':
      return { videoMessage: { ...common, ...words, ...seen, ...played, gifPlayback: true } }
    case 'video_note':
      return { ptvMessage: { ...common, ...seen, ...played } }
    case 'audio':
      return { audioMessage: { ...common, ...played } }
    case 'voice':
      return { audioMessage: { ...common, ...played, ...(waveform && { waveform }), ptt: true } }
    case 'document':
      return documentMessage({
        ...common,
        ...words,
        fileName: remarks.fileName ?? `${NAMELESS}${fileEnding(file.mime)}`,
      })
  }
}

function commonOf(file: SentFilePart, { at, contextInfo }: FileRemarks) {
  const { mime, mediaKey, fileSha256, fileEncSha256, fileLength, url, directPath } = file
  return {
    mimetype: mime,
    mediaKey,
    fileSha256,
    fileEncSha256,
    fileLength,
    directPath,
    mediaKeyTimestamp: Math.floor(at / 1_000),
    ...(url !== null && { url }),
    ...(contextInfo && { contextInfo }),
  }
}

/** Phones wrap a document with a caption in one more message. */
function documentMessage(document: proto.Message.IDocumentMessage): proto.IMessage {
  return document.caption
    ? { documentWithCaptionMessage: { message: { documentMessage: document } } }
    : { documentMessage: document }
}
