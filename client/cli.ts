#!/usr/bin/env node
import { runCommandLine } from './command-line.ts'
import { EXIT } from './terminal.ts'

/** A command ends by itself soon after it was told to; one that waits for a host, or sends a large file, is ended then. */
const GRACE_MS = 1_000

const ended = new AbortController()
function end(): void {
  ended.abort()
  setTimeout(() => process.exit(EXIT.failed), GRACE_MS).unref()
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)
// A reader that reads no more (`tail | head -1`) wants it to end.
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
