import { getMediaKeys } from '@whiskeysockets/baileys'

import type { MediaKind } from '../../contract/content.ts'

/** Baileys' names for the kinds of files. A file's keys and its upload path depend on the kind. */
export const BAILEYS_KINDS = {
  image: 'image',
  sticker: 'sticker',
  video: 'video',
  gif: 'gif',
  video_note: 'ptv',
  audio: 'audio',
  voice: 'ptt',
  document: 'document',
} as const satisfies Record<MediaKind, string>

/** The keys that encrypt and authenticate a file. */
export type FileKeys = { readonly iv: Uint8Array; readonly cipherKey: Uint8Array; readonly macKey: Uint8Array }

/** The keys of a file, derived from the key in its message. @throws when that is not a key. */
export async function fileKeysOf(mediaKey: Uint8Array, kind: MediaKind): Promise<FileKeys> {
  const { iv, cipherKey, macKey } = await getMediaKeys(mediaKey, BAILEYS_KINDS[kind])
  if (!macKey) throw new TypeError('a file is authenticated')
  return { iv, cipherKey, macKey }
}
