import { hkdfSync } from 'node:crypto'

/** The kinds of files that have their own keys (whatsapp-protocol.md §1.2), by the name in the path of an upload. */
export const keyNames = {
  image: 'WhatsApp Image Keys',
  video: 'WhatsApp Video Keys',
  audio: 'WhatsApp Audio Keys',
  document: 'WhatsApp Document Keys',
} as const
export type FileFamily = keyof typeof keyNames

export interface FileKeys {
  iv: Buffer
  cipherKey: Buffer
  macKey: Buffer
}

const expandedBytes = 112

/** The keys to encrypt and authenticate a file, all derived from the media key in its message. */
export function fileKeys(mediaKey: Uint8Array, family: FileFamily): FileKeys {
  const expanded = Buffer.from(hkdfSync('sha256', mediaKey, Buffer.alloc(32), keyNames[family], expandedBytes))
  return { iv: expanded.subarray(0, 16), cipherKey: expanded.subarray(16, 48), macKey: expanded.subarray(48, 80) }
}

/** The key for messages between a device and its phone about a file that is gone from the media host. */
export function retryKey(mediaKey: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', mediaKey, Buffer.alloc(32), 'WhatsApp Media Retry Notification', 32))
}
