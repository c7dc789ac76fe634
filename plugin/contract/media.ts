import type { MediaKind } from './content.ts'
import type { AccountName } from './ids.ts'

const MIB = 2 ** 20

/** The most that a file of each kind may have, in bytes: WhatsApp's own limits (reliability.md §5, X4). */
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
 * What the bytes of a file of each kind may say that they are, for phones to show it as that. A document may be anything.
 * Sound that is no voice note yet is made one, and a picture a sticker.
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
 * Why a file was not fetched. `too_large`, `forbidden_host`, `redirected` and `incomplete` (its message lacks what it is
 * fetched and verified with) are for good, and so is `gone` once the phone says that it has no other; the others may be
 * otherwise another time. `storage`: our own disk.
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

/** How fetching a file ended. */
export type FetchOutcome =
  | {
      readonly outcome: 'fetched'
      /** Where it is until it is released; 0600, readable by this user alone. */
      readonly path: string
      readonly sizeBytes: number
      /** Of the file itself, in hex. */
      readonly sha256: string
      /** What its bytes say that it is; null when they do not. */
      readonly mime: string | null
    }
  | { readonly outcome: 'failed'; readonly code: FetchFailure; readonly again: boolean }

/** How far a file has come that comes or goes now. */
export type TransferProgress = {
  readonly account: AccountName
  /** Of the message that brings it. */
  readonly messageId: string
  readonly direction: 'inbound' | 'outbound'
  readonly doneBytes: number
  /** Null when its sender did not say. */
  readonly totalBytes: number | null
}

/**
 * Why a file was given up. `overdue`: nobody could fetch it for a day; `forgotten`: it has disappeared from its chat; `over_quota`: the
 * org keeps as many bytes as it may.
 */
export type AttachmentFailure = FetchFailure | 'overdue' | 'forgotten' | 'over_quota'
