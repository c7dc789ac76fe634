#!/usr/bin/env node
import { runCommandLine } from './command-line.ts'

const ended = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort())
// Whoever reads no more (`tail | head -1`) wants it to end.
process.stdout.on('error', () => ended.abort())

process.exitCode = await runCommandLine(process.argv.slice(2), {
  out: process.stdout,
  err: process.stderr,
  get input() {
    return process.stdin
  },
  environment: process.env,
  signal: ended.signal,
})
