import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

import type { Log, LogFields } from './contract/host.ts'
import { plainLine } from './contract/plain-text.ts'

/** Passes the child's own structured lines on; what anything else prints there is counted and lost. */
export type GatewayOutput = {
  readonly follow: (stream: Readable) => void
  readonly droppedLines: () => number
}

/** The fields that a line of ours may carry (gateway-log.ts). */
const FIELDS = [
  'org',
  'account',
  'status',
  'reason',
  'command',
  'kind',
  'detail',
  'said',
  'version',
  'problem',
  'purpose',
] as const
/** Some of it may be a server's own word, for instance what it calls a stanza. */
const VALUE_LETTERS_MOST = 1_000
const LEVELS: Readonly<Record<number, keyof Log>> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' }

export function createGatewayOutput(log: Log): GatewayOutput {
  let dropped = 0
  const pass = (line: string): void => {
    const entry = parseLine(line)
    const level = LEVELS[Number(entry?.['level'])]
    if (!entry || !level || entry['gateway'] !== true || typeof entry['event'] !== 'string') dropped += 1
    else log[level](fieldsOf(entry), plainLine(entry['event'], VALUE_LETTERS_MOST))
  }
  return {
    follow: stream => {
      createInterface({ input: stream }).on('line', pass)
    },
    droppedLines: () => dropped,
  }
}

function parseLine(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function fieldsOf(entry: Record<string, unknown>): LogFields {
  const fields: Record<string, string> = {}
  for (const name of FIELDS) {
    const value = entry[name]
    if (typeof value === 'string') fields[name] = plainLine(value, VALUE_LETTERS_MOST)
  }
  return fields
}
