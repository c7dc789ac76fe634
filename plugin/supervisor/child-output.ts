import type { Readable } from 'node:stream'

import type { Log, LogFields } from '../contract/host.ts'
import { plainLine } from '../contract/plain-text.ts'

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
/** What is longer is no line of ours. */
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

/** JSON may hold U+2028 and U+2029 as they are, at which `node:readline` ends a line too, from Node 24 on. */
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
