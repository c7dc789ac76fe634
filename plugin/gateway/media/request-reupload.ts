import {
  decryptMediaRetryData,
  encryptMediaRetryRequest,
  proto,
  type BaileysEventMap,
  type WASocket,
} from '@whiskeysockets/baileys'

import type { SentFile } from '../tables/file-refs.ts'

type Updates = BaileysEventMap['messages.media-update']

const { SUCCESS } = proto.MediaRetryNotification.ResultType

/**
 * Asks our own phone to upload a file again that is gone from WhatsApp's hosts. Baileys' own branch for that is never reached
 * (whatsapp-protocol.md §1.2), and would wait for ever. Null when the phone does not have the file, or does not answer in time.
 */
export async function putAgain(
  socket: WASocket,
  { key, message }: SentFile,
  withinMs: number,
): Promise<SentFile['message'] | null> {
  const mediaKey = message.documentMessage?.mediaKey
  const self = socket.user?.id
  if (!mediaKey || !self) return null
  const answer = answerFor(key.id, socket, withinMs)
  await socket.sendNode(encryptMediaRetryRequest(key, mediaKey, self))
  const update = await answer
  if (!update?.media || !key.id) return null
  const { directPath, result } = decryptMediaRetryData(update.media, mediaKey, key.id)
  if (result !== SUCCESS || !directPath) return null
  return { documentMessage: { ...message.documentMessage, url: null, directPath } }
}

function answerFor(id: string | null | undefined, { ev }: WASocket, withinMs: number): Promise<Updates[number] | null> {
  return new Promise(resolve => {
    const hear = (updates: Updates): void => {
      const update = updates.find(({ key }) => key.id === id)
      if (update) end(update)
    }
    const end = (update: Updates[number] | null): void => {
      clearTimeout(deadline)
      ev.off('messages.media-update', hear)
      resolve(update)
    }
    const deadline = setTimeout(() => end(null), withinMs)
    ev.on('messages.media-update', hear)
  })
}
