import { getMediaKeys } from '@whiskeysockets/baileys'

import type { MediaKind } from '../../contract/content.ts'

/** The names under which Baileys knows the kinds of files: their keys and the path of an upload depend on it. */
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

/** What a file is encrypted and authenticated with. */
export type FileKeys = { readonly iv: Uint8Array; readonly cipherKey: Uint8Array; readonly macKey: Uint8Array }

/** The keys of a file, from the key in its message. @throws when that is none. */
export async function fileKeysOf(mediaKey: Uint8Array, kind: MediaKind): Promise<FileKeys> {
  const { iv, cipherKey, macKey } = await getMediaKeys(mediaKey, BAILEYS_KINDS[kind])
  if (!macKey) throw new TypeError('a file is authenticated')
  return { iv, cipherKey, macKey }
}
