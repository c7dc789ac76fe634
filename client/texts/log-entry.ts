import { plainLine } from '../../plugin/contract/plain-text.ts'
import type { Colour, Paint } from '../terminal/colour.ts'

/** The log levels, lowest first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const
/** The severity of a log line. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** A line of a log; `fields` is null if the line is not a JSON object, so the host did not write it. */
export type LogEntry = { readonly line: string; readonly fields: Readonly<Record<string, unknown>> | null }

/** Parses a line. */
export function logEntry(line: string): LogEntry {
  try {
    const value: unknown = JSON.parse(line)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return { line, fields: isObject ? (value as Record<string, unknown>) : null }
  } catch {
    return { line, fields: null }
  }
}

/** pino writes a level as its name, or as ten times its position in LOG_LEVELS, counted from 1. */
function levelOf({ fields }: LogEntry): LogLevel | null {
  const written = fields?.['level']
  const level = typeof written === 'number' ? LOG_LEVELS[written / 10 - 1] : written
  return LOG_LEVELS.find(each => each === level) ?? null
}

/** Whether an entry has at least this level. Entries without a known level are included. */
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
/** The host's own lines are far shorter. */
const LETTERS_MOST = 4_000

const valueOf = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return BARE.test(text) ? text : JSON.stringify(text)
}

/** Formats an entry for a person: time, level, message, and the remaining fields as `name=value`. */
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
