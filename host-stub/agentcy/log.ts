import { destination, pino } from 'pino'

import type { Log, LogFields } from '../../plugin/contract/host.ts'
import { plainLine } from '../../plugin/contract/plain-text.ts'

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
const STDERR = 2
const PHONE = /\+([1-9][0-9]{2})[0-9]{2,10}([0-9]{2})(?![0-9])/g
const TOKEN = /\bak_live_[A-Za-z0-9_-]+/g
const VALUE_LETTERS_MOST = 2_000
const SECRET_KEYS = [
  'token',
  'authorization',
  'cookie',
  'password',
  'secret',
  'key',
  'qr',
  'qr_data_url',
  'pairing_code',
  'pairingCode',
  'text',
  'body',
]

/**
 * Masks phone numbers and tokens in values, in case somebody logs one by mistake (reliability.md X28), and writes hidden characters
 * as escapes.
 */
function scrub(fields: Record<string, unknown>): Record<string, unknown> {
  const clean = (value: unknown): unknown =>
    typeof value === 'string'
      ? plainLine(value.replace(PHONE, '+$1•••$2').replace(TOKEN, 'ak_live_•••'), VALUE_LETTERS_MOST)
      : value
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, clean(value)]))
}

/**
 * The host's log: one JSON line per event on stderr, at the level of `LOG_LEVEL` (`info` by default). stdout is for output to a
 * person or a script.
 */
export function createLog(level: string | undefined): Log {
  const known = LEVELS.find(name => name === level) ?? 'info'
  const logger = pino(
    {
      level: known,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRET_KEYS, censor: '[secret]' },
      formatters: { level: label => ({ level: label }), log: scrub },
    },
    destination({ dest: STDERR, sync: true }),
  )
  const at =
    (name: 'trace' | 'debug' | 'info' | 'warn' | 'error') =>
    (fields: LogFields, event: string): void =>
      logger[name](fields, event)
  return { trace: at('trace'), debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
