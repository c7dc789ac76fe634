import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

import { plainLine } from '../../plugin/contract/plain-text.ts'
import type { Call, Command } from '../command/command.ts'
import { countOf } from '../command/options.ts'
import { jsonLine } from '../terminal/answer-text.ts'
import { isAsGrave, LOG_LEVELS, type LogEntry, logEntry, logLine } from '../texts/log-entry.ts'
import { linesOf, piecesOf } from '../texts/log-lines.ts'
import { paintFor } from '../terminal/colour.ts'
import { calledWrongly, EXIT, type ExitCode, failed } from '../terminal/terminal.ts'

/** Prints the log of a host from a file on this machine. */
export const LOGS: Command = {
  name: 'logs',
  parameters: ['[file]'],
  summary: 'prints the log of a host on this machine',
  details: [
    'A host writes its log to standard error, as JSON lines, and does not store it. This command reads the file that it',
    'was redirected to: the given one, else host.log in AGENTCY_HOME. "-" reads standard input.',
  ],
  options: {
    follow: 'and follows it, until Ctrl-C',
    level: `of this level or higher: ${LOG_LEVELS.join(', ')}`,
    limit: 'how many of the last ones; 50 by default',
  },
  examples: [
    'logs',
    'logs /var/log/agentcy.log -n 200 --level warn',
    'logs --follow',
    'journalctl -u agentcy -o cat | agentcy-whatsapp logs - --level error',
  ],
  place: 'machine',
  run: logs,
}

const PIPED = '-'

async function logs(call: Call): Promise<ExitCode> {
  const { terminal, words, options } = call
  const count = countOf(options)
  if (typeof count === 'string') return calledWrongly(terminal, count)
  const { environment } = terminal
  const home = resolve(environment['AGENTCY_HOME'] ?? join(environment['HOME'] ?? homedir(), '.agentcy'))
  const path = words[0] ?? join(home, 'host.log')
  const screen = createLast(call, count)
  const following = options.follow === true ? { signal: terminal.signal, onEnd: () => screen.end() } : null
  // The end of piped input cannot be detected, so with --follow its lines are printed at once.
  if (path === PIPED && following) screen.end()
  try {
    for await (const line of linesOf(path === PIPED ? terminal.input : piecesOf(path, following))) screen.take(line)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null
    if (code === null) throw error
    return failed(
      terminal,
      code === 'ENOENT' ? noneAt(plainLine(path)) : `${plainLine(path)} cannot be read (${code}).`,
    )
  }
  screen.end()
  return EXIT.done
}

const noneAt = (path: string): string =>
  [
    `There is no log at ${path}.`,
    `  → A host writes its log to its standard error. Send it there: (umask 077; npm start 2>>${path})`,
    '  → Or name the file that it is in, or pipe it in: journalctl -u agentcy -o cat | agentcy-whatsapp logs -',
  ].join('\n')

/** Keeps the last matching lines until the end of the file is reached, then prints them, and prints later lines at once. */
function createLast({ terminal, options: { json, level } }: Call, count: number) {
  const paint = paintFor(terminal)
  const kept: LogEntry[] = []
  let isAtEnd = false
  const print = (entry: LogEntry): void => {
    const line = json === true ? jsonLine(entry.fields ?? { line: entry.line }) : logLine(entry, paint)
    terminal.out.write(`${line}\n`)
  }
  return {
    take(line: string): void {
      if (line.trim() === '') return
      const entry = logEntry(line)
      if (level !== undefined && !isAsGrave(entry, level)) return
      if (isAtEnd) return print(entry)
      kept.push(entry)
      if (kept.length > count) kept.shift()
    },
    end(): void {
      isAtEnd = true
      for (const entry of kept.splice(0)) print(entry)
    },
  }
}
