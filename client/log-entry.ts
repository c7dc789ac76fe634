import { plainLine } from '../plugin/contract/plain-text.ts'
import type { Colour, Paint } from './paint.ts'

/** The levels of a log, the least first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
/** How grave a line of a log is. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** A line of a log; without fields when it is none of the host's own. */
export type LogEntry = { readonly line: string; readonly fields: Readonly<Record<string, unknown>> | null }

/** A line as it was read. */
export function logEntry(line: string): LogEntry {
  try {
    const value: unknown = JSON.parse(line)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return { line, fields: isObject ? (value as Record<string, unknown>) : null }
  } catch {
    return { line, fields: null }
  }
}

/** pino writes a level by its name or by ten times its place. */
function levelOf({ fields }: LogEntry): LogLevel | null {
  const written = fields?.['level']
  const level = typeof written === 'number' ? LOG_LEVELS[written / 10 - 1] : written
  return LOG_LEVELS.find(each => each === level) ?? null
}

/** Whether an entry is as grave as that; one of which nobody knows how grave it is, is shown. */
export function isAsGrave(entry: LogEntry, least: LogLevel): boolean {
  const level = levelOf(entry)
  return level === null || LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least)
}

const COLOURS: Partial<Record<LogLevel, Colour>> = {
  trace: 'dim',
  debug: 'dim',
  warn: 'yellow',
  error: 'red',
  fatal: 'red',
}
const BARE = /^[^\s"=]+$/
/** A host's own lines are far shorter. */
const LETTERS_MOST = 4_000

const valueOf = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return BARE.test(text) ? text : JSON.stringify(text)
}

/** An entry for a person: when, how grave, what, and the rest as `name=value`. */
export function logLine(entry: LogEntry, paint: Paint): string {
  const level = levelOf(entry)
  if (entry.fields === null || level === null) return plainLine(entry.line, LETTERS_MOST)
  const { level: _level, time, msg, event, ...others } = entry.fields
  const facts = Object.entries(others).map(([name, value]) => `${name}=${valueOf(value)}`)
  const [when, what] = [time, msg ?? event].map(each =>
    typeof each === 'string' ? each : (JSON.stringify(each) ?? ''),
  )
  const colour = COLOURS[level]
  const shown = [when, what, ...facts].map(part => plainLine(part ?? '', LETTERS_MOST))
  const grave = level.padEnd(5)
  return [shown[0], colour ? paint(colour, grave) : grave, ...shown.slice(1)].filter(part => part !== '').join(' ')
}
