import { randomInt } from 'node:crypto'
import { proto } from '@whiskeysockets/baileys'
import type { Account, Companion } from '../world/accounts.ts'
import { unwrapped } from '../wire/message-context.ts'
import type { Ciphertext, RemoteDevice } from '../crypto/phone-signal.ts'
import { takeBundle } from '../protocol/encrypt.ts'
import { stanza, type Stanza } from '../wire/stanza.ts'

const longestPadding = 16

export function pad(content: proto.IMessage): Buffer {
  const length = randomInt(1, longestPadding + 1)
  return Buffer.concat([proto.Message.encode(content).finish(), Buffer.alloc(length, length)])
}

export function unpad(padded: Uint8Array): Uint8Array {
  const length = padded.at(-1) ?? 0
  if (length < 1 || length > longestPadding || length > padded.length) throw new Error('bad padding')
  return padded.subarray(0, padded.length - length)
}

export function remoteOf({ account, number, identityKey }: Companion): RemoteDevice {
  return { user: account.lid, device: number, identityKey }
}

/** Encrypts for one linked device; opens a session with its published keys if there is none. */
export async function encryptFor(author: Account, companion: Companion, content: proto.IMessage): Promise<Stanza> {
  const remote = remoteOf(companion)
  if (!author.signal.knows(remote)) await author.signal.open(remote, takeBundle(companion))
  return encryptedStanza(await author.signal.encrypt(remote, pad(content)), content)
}

export function encryptedStanza(
  { type, bytes }: Ciphertext | { type: 'skmsg'; bytes: Buffer },
  content: proto.IMessage,
): Stanza {
  const attributes = { v: '2', type, mediatype: mediaType(content) }
  return stanza('enc', { ...attributes, 'decrypt-fail': content.reactionMessage ? 'hide' : undefined }, bytes)
}

/** The `type` of a message stanza. */
export function messageType(content: proto.IMessage): string {
  if (content.reactionMessage) return 'reaction'
  return mediaType(content) === undefined || content.albumMessage ? 'text' : 'media'
}

function mediaType(said: proto.IMessage): string | undefined {
  const content = unwrapped(said)
  if (content.albumMessage) return 'collection'
  if (content.imageMessage) return 'image'
  if (content.videoMessage) return 'video'
  if (content.audioMessage) return content.audioMessage.ptt ? 'ptt' : 'audio'
  if (content.documentMessage) return 'document'
  if (content.stickerMessage) return 'sticker'
  if (content.contactMessage) return 'vcard'
  return content.locationMessage ? 'location' : undefined
}
