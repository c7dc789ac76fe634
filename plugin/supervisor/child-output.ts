import type { Readable } from 'node:stream'

import type { Log, LogFields } from '../contract/host.ts'
import { plainLine } from '../contract/plain-text.ts'

/** Logs the structured lines of the child. Other lines are counted and dropped. */
export type GatewayOutput = {
  readonly follow: (stream: Readable) => void
  readonly droppedLines: () => number
}

/** The fields that a structured line may have (gateway-log.ts). */
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
/** The most characters of a value. It may be a server's own text, for instance the name of a stanza. */
const VALUE_LETTERS_MOST = 1_000
/** A longer line is not a structured one. */
const LINE_LETTERS_MOST = 1_048_576
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
      eachLine(stream, pass)
    },
    droppedLines: () => dropped,
  }
}

/**
 * Splits only at newlines. JSON may contain U+2028 and U+2029 unescaped, at which `node:readline` also ends a line from Node 24 on.
 */
function eachLine(stream: Readable, take: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (piece: string) => {
    const lines = `${rest}${piece}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) take(line)
    if (rest.length <= LINE_LETTERS_MOST) return
    take(rest)
    rest = ''
  })
  stream.on('end', () => rest !== '' && take(rest))
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
