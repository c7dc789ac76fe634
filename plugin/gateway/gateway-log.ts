import pino from 'pino'

import type { Log } from '../contract/host.ts'

/** Writes our structured lines to the file descriptor itself: `process.stdout` is closed to everything (mute-console.ts). */
export function createGatewayLog(level: string): Log {
  const destination = pino.destination({ fd: 1, sync: true })
  return pino({ level, base: { gateway: true }, messageKey: 'event' }, destination)
}
