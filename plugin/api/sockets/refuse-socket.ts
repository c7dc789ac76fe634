import { transformTRPCResponse } from '@trpc/server'
import type { RawData, WebSocket } from 'ws'

import { ChannelError } from '../../contract/errors/errors.ts'
import { refusalShape } from '../http/error-shape.ts'
import { dismiss, type TurnedAway } from '../auth/socket-session.ts'
import type { Frame } from './opening-frame.ts'
import { appRouter } from '../trpc/router.ts'

const CLOSE_CODES: Record<TurnedAway, number> = { unauthorized: 4401, too_many_sockets: 4429 }

/** For this long, calls that follow at once are answered, so that the client gets the reason instead of reconnecting. */
const REFUSAL_MS = 250
const MOST_CALLS = 50
const MOST_CALL_BYTES = 4_096

type CallId = string | number

function idsIn({ data, isBinary }: Frame): CallId[] {
  if (isBinary || !Buffer.isBuffer(data) || data.byteLength > MOST_CALL_BYTES) return []
  try {
    const message: unknown = JSON.parse(data.toString('utf8'))
    const calls = (Array.isArray(message) ? message : [message]) as ({ id?: unknown } | null)[]
    return calls.flatMap(call => (typeof call?.id === 'string' || typeof call?.id === 'number' ? [call.id] : []))
  } catch {
    return []
  }
}

/** Answers each call of a refused client with the reason only, then closes its socket. */
export function turnAway(
  client: WebSocket,
  { code, frames, requestId }: { code: TurnedAway; frames: readonly Frame[]; requestId: string },
): void {
  const error = refusalShape(new ChannelError(code), requestId)
  let answered = 0
  const answer = (frame: Frame): void => {
    for (const id of idsIn(frame)) {
      answered += 1
      if (answered > MOST_CALLS || client.readyState !== client.OPEN) return
      client.send(JSON.stringify(transformTRPCResponse(appRouter._def._config, { id, error })))
    }
  }
  for (const frame of frames) answer(frame)
  client.on('message', (data: RawData, isBinary: boolean) => {
    if (answered >= MOST_CALLS || (Buffer.isBuffer(data) && data.byteLength > MOST_CALL_BYTES)) client.terminate()
    else answer({ data, isBinary })
  })
  client.resume()
  setTimeout(() => dismiss(client, CLOSE_CODES[code], code), REFUSAL_MS).unref()
}
