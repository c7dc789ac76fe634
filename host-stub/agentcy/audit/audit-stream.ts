import type { ServerResponse } from 'node:http'

import type { OrgId } from '../../../plugin/contract/ids.ts'
import type { AuditEntry } from './audit-entry.ts'
import type { AuditLog } from './audit-log.ts'

/** Times of an event stream. */
export type StreamTimes = {
  /** After this time without an entry the stream sends a ping. */
  readonly pingMs: number
  /** A reader that accepts no data for this long is disconnected. */
  readonly drainMs: number
}

export const STREAM_TIMES: StreamTimes = { pingMs: 15_000, drainMs: 30_000 }

/** The reader of a stream, and the log that it reads. */
export type AuditReader = {
  readonly log: AuditLog
  readonly org: OrgId
  /** The stream starts after this number. */
  readonly after: number
  readonly times: StreamTimes
  /** Whether the reader is still allowed to read. */
  isWelcome(): Promise<boolean>
  /** Aborted when the host closes or the reader has disconnected. */
  readonly signal: AbortSignal
}

const eventOf = (entry: AuditEntry): string => `id: ${entry.seq}\nevent: audit\ndata: ${JSON.stringify(entry)}\n\n`

/** Resolves when the reader has received what was written, or has disconnected. Disconnects a reader that is too slow. */
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
 * Sends the entries after a number and all new ones as server-sent events, until the reader disconnects or loses its permission.
 * Only one batch of entries is held in memory for it: the next batch is read from the log after the previous one was sent.
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
