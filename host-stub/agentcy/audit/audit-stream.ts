import type { ServerResponse } from 'node:http'

import type { OrgId } from '../../../plugin/contract/ids.ts'
import type { AuditEntry } from './audit-entry.ts'
import type { AuditLog } from './audit-log.ts'

/** How long a stream is silent, and how long its reader may be. */
export type StreamTimes = {
  /** After so long without an entry it says that it lives. */
  readonly pingMs: number
  /** A reader that takes nothing for so long is cut off. */
  readonly drainMs: number
}

export const STREAM_TIMES: StreamTimes = { pingMs: 15_000, drainMs: 30_000 }

/** What is told, and to whom. */
export type AuditReader = {
  readonly log: AuditLog
  readonly org: OrgId
  /** The number after which it begins. */
  readonly after: number
  readonly times: StreamTimes
  /** Whether the reader still may. */
  isWelcome(): Promise<boolean>
  /** Aborted when the host closes, or the reader has gone. */
  readonly signal: AbortSignal
}

const eventOf = (entry: AuditEntry): string => `id: ${entry.seq}\nevent: audit\ndata: ${JSON.stringify(entry)}\n\n`

/** Resolves when the reader has taken what was written, or has gone. One that takes its time for too long is cut off. */
function drained(response: ServerResponse, { times, signal }: AuditReader): Promise<void> {
  return new Promise(resolve => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      response.off('drain', done)
      resolve()
    }
    const timer = setTimeout(() => {
      response.destroy()
      done()
    }, times.drainMs)
    response.once('drain', done)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}

/**
 * Tells the entries after a number and those that come, as server-sent events, until the reader goes or is no
 * longer welcome. Nothing is queued for it but what its line holds: each entry is read from the log when the one before was taken.
 */
export async function tellEntries(reader: AuditReader, response: ServerResponse): Promise<void> {
  const { log, org, times, signal } = reader
  const say = async (text: string): Promise<void> => {
    if (!response.write(text)) await drained(response, reader)
  }
  const isOver = (): boolean => signal.aborted || response.destroyed
  let seq = reader.after
  while ((await reader.isWelcome()) && !isOver()) {
    const entries = log.after(org, seq)
    for (const entry of entries) {
      if (isOver()) return
      await say(eventOf(entry))
      ;({ seq } = entry)
    }
    if (entries.length > 0) continue
    await log.grown(org, seq, { withinMs: times.pingMs, signal })
    if (!isOver() && log.lastSeq(org) === seq) await say(': ping\n\n')
  }
}
