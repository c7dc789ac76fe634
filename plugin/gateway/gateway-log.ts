import pino from 'pino'

import type { Log } from '../contract/host.ts'

/** Our structured lines, written to the descriptor itself: `process.stdout` is closed to everybody (mute-console.ts). */
export function createGatewayLog(level: string): Log {
  const destination = pino.destination({ fd: 1, sync: true })
  return pino({ level, base: { gateway: true }, messageKey: 'event' }, destination)
}
