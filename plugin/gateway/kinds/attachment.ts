import { proto } from '@whiskeysockets/baileys'

import type { Attachment, MediaKind, MessageContent } from '../../contract/content.ts'
import { safeFileName } from '../../files/file-name.ts'
import { wholeNumber } from './proto-numbers.ts'
import { LOTTIE_TYPE } from './lottie.ts'
import type { Unwrapped } from './unwrap.ts'

/** The part of a message that describes a file, with the fields that all kinds of files share. */
export type FilePart = {
  readonly mimetype?: string | null
  readonly fileLength?: proto.Message.IDocumentMessage['fileLength']
  readonly fileName?: string | null
  readonly title?: string | null
  readonly seconds?: number | null
  readonly caption?: string | null
  readonly viewOnce?: boolean | null
  readonly isLottie?: boolean | null
  readonly url?: string | null
  readonly directPath?: string | null
  readonly mediaKey?: Uint8Array | null
  readonly fileSha256?: Uint8Array | null
  readonly fileEncSha256?: Uint8Array | null
}

/** The file of a message, and the kind as which it is shown; null if there is none. */
export function filePartOf(message: proto.IMessage): { kind: MediaKind; part: FilePart } | null {
  const { imageMessage, videoMessage, ptvMessage, audioMessage, documentMessage, stickerMessage } = message
  if (imageMessage) return { kind: 'image', part: imageMessage }
  if (videoMessage) return { kind: videoMessage.gifPlayback ? 'gif' : 'video', part: videoMessage }
  if (ptvMessage) return { kind: 'video_note', part: ptvMessage }
  if (audioMessage) return { kind: audioMessage.ptt ? 'voice' : 'audio', part: audioMessage }
  if (documentMessage) return { kind: 'document', part: documentMessage }
  return stickerMessage ? { kind: 'sticker', part: stickerMessage } : null
}

/** A message with a file, in our terms; null if there is none. */
export function mediaOf({ message, viewOnce }: Unwrapped): Extract<MessageContent, { kind: 'media' }> | null {
  const file = filePartOf(message)
  if (!file) return null
  const { kind, part } = file
  const media: Attachment = {
    kind,
    mime: part.mimetype || (part.isLottie ? LOTTIE_TYPE : null),
    sizeBytes: wholeNumber(part.fileLength),
    fileName: safeFileName(part.fileName ?? part.title),
    seconds: wholeNumber(part.seconds),
    viewOnce: viewOnce || part.viewOnce === true,
    album: albumOf(message),
  }
  return { kind: 'media', media, caption: part.caption ?? '' }
}

const { MEDIA_ALBUM } = proto.MessageAssociation.AssociationType

function albumOf({ messageContextInfo }: proto.IMessage): string | null {
  const association = messageContextInfo?.messageAssociation
  return association?.associationType === MEDIA_ALBUM ? (association.parentMessageKey?.id ?? null) : null
}
