import type { Duplex } from 'node:stream'

import type { RawData, WebSocket } from 'ws'

/** A message as received. */
export type Frame = { readonly data: RawData; readonly isBinary: boolean }

/** The opening of a socket. */
export type Opening = {
  /** Null if the opening frame has no token. */
  readonly token: string | null
  /** All frames received so far, the opening frame first. Stops collecting. */
  readonly take: () => readonly Frame[]
}

/** The maximum size of the opening frame: a token, and little else. */
const MOST_OPENING_BYTES = 4_096
/** Terminates the socket when about this much of a larger frame has arrived. */
const MOST_UNREAD_BYTES = 65_536

function tokenIn({ data, isBinary }: Frame): string | null {
  if (isBinary || !Buffer.isBuffer(data) || data.byteLength > MOST_OPENING_BYTES) return null
  try {
    const { method, data: parameters } = JSON.parse(data.toString('utf8')) as { method?: unknown; data?: unknown }
    // tRPC's own server does not require a method here.
    if (
      (method !== undefined && method !== 'connectionParams') ||
      typeof parameters !== 'object' ||
      parameters === null
    )
      return null
    const { token } = parameters as { token?: unknown }
    return typeof token === 'string' ? token : null
  } catch {
    return null
  }
}

/**
 * Reads the first frame of a socket, tRPC's connection parameters, before anything else reads it, and pauses the socket. Null if
 * the socket closes first, as it does if the first frame is too large.
 */
export function openingOf(client: WebSocket, connection: Duplex): Promise<Opening | null> {
  return new Promise(resolve => {
    const frames: Frame[] = []
    let unread = 0
    const count = (chunk: Buffer): void => {
      unread += chunk.byteLength
      if (frames.length === 0 && unread > MOST_UNREAD_BYTES) client.terminate()
    }
    const keep = (data: RawData, isBinary: boolean): void => {
      const frame = { data, isBinary }
      frames.push(frame)
      if (frames.length > 1) return
      connection.off('data', count)
      client.pause()
      resolve({ token: tokenIn(frame), take })
    }
    const take = (): readonly Frame[] => {
      client.off('message', keep)
      return frames
    }
    client.on('message', keep)
    client.once('close', () => resolve(null))
    connection.on('data', count)
  })
}
