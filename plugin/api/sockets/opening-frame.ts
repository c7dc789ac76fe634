import type { Duplex } from 'node:stream'

import type { RawData, WebSocket } from 'ws'

/** A message as it came. */
export type Frame = { readonly data: RawData; readonly isBinary: boolean }

/** What a socket began with. */
export type Opening = {
  /** Null when the opening frame names none. */
  readonly token: string | null
  /** All that came so far, the opening first. Nothing is kept from then on. */
  readonly take: () => readonly Frame[]
}

/** The most that the opening frame may hold: a token, and little else. */
const MOST_OPENING_BYTES = 4_096
/** Of a larger frame no more than about this is taken in. */
const MOST_UNREAD_BYTES = 65_536

function tokenIn({ data, isBinary }: Frame): string | null {
  if (isBinary || !Buffer.isBuffer(data) || data.byteLength > MOST_OPENING_BYTES) return null
  try {
    const { method, data: parameters } = JSON.parse(data.toString('utf8')) as { method?: unknown; data?: unknown }
    // tRPC's own server asks for no method here.
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
 * Reads the first frame of a socket, tRPC's connection parameters, before anything else looks at it, and pauses the socket. Null when
 * the socket closes first, as one does whose first frame is too large to be taken in.
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
