#!/usr/bin/env node
import { runCommandLine } from './command-line.ts'
import { EXIT } from './terminal/terminal.ts'

/**
 * Commands end by themselves soon after a signal. After this time the process exits anyway, for example while a command waits for a
 * host or sends a large file.
 */
const GRACE_MS = 1_000

const ended = new AbortController()
function end(): void {
  ended.abort()
  setTimeout(() => process.exit(EXIT.failed), GRACE_MS).unref()
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)
// A closed output pipe (`tail | head -1`) ends the command.
for (const stream of [process.stdout, process.stderr]) stream.on('error', end)

process.exitCode = await runCommandLine(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  get input() {
    return process.stdin
  },
  environment: process.env,
  signal: ended.signal,
})
