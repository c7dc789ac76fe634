import type { MediaKind } from './content.ts'
import type { AccountName } from './ids.ts'

const MIB = 2 ** 20

/** The largest size of a file of each kind, in bytes: WhatsApp's own limits (reliability.md §5, X4). */
export const MEDIA_MOST_BYTES: Readonly<Record<MediaKind, number>> = {
  image: 16 * MIB,
  sticker: 16 * MIB,
  audio: 16 * MIB,
  voice: 16 * MIB,
  video: 64 * MIB,
  gif: 64 * MIB,
  video_note: 64 * MIB,
  document: 100 * MIB,
}

/**
 * The media types, detected from the bytes, that a file of each kind may have for phones to show it as that kind. A document may
 * be anything. Audio that is not a voice note yet is converted to one, and a picture to a sticker.
 */
export const MEDIA_TYPES: Readonly<Record<Exclude<MediaKind, 'document'>, RegExp>> = {
  image: /^image\/(?:jpeg|png|webp)$/,
  sticker: /^image\/(?:jpeg|png|webp)$/,
  video: /^video\/(?:mp4|x-m4v|3gpp|quicktime)$/,
  gif: /^video\/(?:mp4|x-m4v)$/,
  video_note: /^video\/(?:mp4|x-m4v)$/,
  audio: /^audio\/(?:aac|amr|flac|mp4|mpeg|ogg|wav|x-m4a)(?:;|$)/,
  voice: /^audio\/(?:aac|amr|flac|mp4|mpeg|ogg|wav|x-m4a)(?:;|$)/,
}

/**
 * Why a file was not downloaded. Permanent: `too_large`, `forbidden_host`, `redirected` and `incomplete` (the message lacks what
 * the download or its verification needs); also `gone`, once the phone says that it has no other copy. The others may succeed
 * later. `storage`: our own disk.
 */
export type FetchFailure =
  | 'too_large'
  | 'forbidden_host'
  | 'redirected'
  | 'incomplete'
  | 'gone'
  | 'wrong_hash'
  | 'too_slow'
  | 'unreachable'
  | 'storage'

/** How a download ended. */
export type FetchOutcome =
  | {
      readonly outcome: 'fetched'
      /** The path of the file until it is released; mode 0600, readable by this user alone. */
      readonly path: string
      readonly sizeBytes: number
      /** The hash of the file itself, in hex. */
      readonly sha256: string
      /** The media type detected from its bytes; null if none is detected. */
      readonly mime: string | null
    }
  | { readonly outcome: 'failed'; readonly code: FetchFailure; readonly again: boolean }

/** The progress of a download or an upload. */
export type TransferProgress = {
  readonly account: AccountName
  /** The message that the file belongs to. */
  readonly messageId: string
  readonly direction: 'inbound' | 'outbound'
  readonly doneBytes: number
  /** Null if the sender did not state the size. */
  readonly totalBytes: number | null
}

/**
 * Why a download was given up. `overdue`: it did not succeed for a day; `forgotten`: the file disappeared from its chat;
 * `over_quota`: the org has reached its storage limit.
 */
export type AttachmentFailure = FetchFailure | 'overdue' | 'forgotten' | 'over_quota'
