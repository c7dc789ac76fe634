import { useEffect, useRef, useState } from 'preact/hooks'

import { type Channel, useChannel } from '../data/channel.ts'
import { readEvents } from '../data/event-stream.ts'
import { refusalOf } from '../data/refusal.ts'
import type { AuditEntry } from './entry.ts'

/** The state of the audit stream; `absent`: this host has no readable audit log. */
export type StreamState = 'opening' | 'live' | 'absent'

type Told = {
  readonly take: (entry: AuditEntry) => void
  /** The stream starts; it does not repeat earlier entries. */
  readonly begun: () => void
}
type Follower = {
  readonly told: () => Told
  readonly stands: (state: StreamState) => void
}

const PATH = '/api/v1/policies/audit/stream'
const RETRY_MS = 900
const FINAL = new Set(['not_found', 'forbidden', 'unauthorized'])

/** Reads the stream until it ends. */
async function readStream(channel: Channel, { told, stands }: Follower, signal: AbortSignal): Promise<void> {
  const { body } = await channel.get(PATH, signal)
  if (!body) return
  stands('live')
  told().begun()
  const read = readEvents()
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    for (const { event, data } of read(piece.value)) {
      if (event === 'audit') told().take(JSON.parse(data) as AuditEntry)
    }
  }
}

/** Reads the stream again after it ends, unless access is refused for good. */
async function follow(channel: Channel, follower: Follower, signal: AbortSignal): Promise<void> {
  for (;;) {
    const code = await readStream(channel, follower, signal).then(
      () => null,
      (thrown: unknown) => refusalOf(thrown).code,
    )
    if (signal.aborted) return
    follower.stands(code === 'not_found' ? 'absent' : 'opening')
    if (code !== null && FINAL.has(code)) return
    await new Promise(resolve => setTimeout(resolve, RETRY_MS))
  }
}

/** Follows the audit log while the view is mounted; reconnects when the stream ends. */
export function useAuditStream(told: Told): StreamState {
  const channel = useChannel()
  const [state, setState] = useState<StreamState>('opening')
  const newest = useRef(told)
  newest.current = told
  useEffect(() => {
    const gone = new AbortController()
    void follow(channel, { told: () => newest.current, stands: setState }, gone.signal)
    return () => gone.abort()
  }, [channel])
  return state
}
