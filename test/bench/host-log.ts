import { EventEmitter, once } from 'node:events'

import { z } from 'zod'

const line = z.looseObject({ time: z.iso.datetime(), msg: z.string() })

/** A line of the host's log: what happened and when, in ms UTC. */
export type LogLine = {
  readonly at: number
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
}

const kept = new Set(['turn begun', 'message unmatched', 'send accepted', 'send settled'])

/** The lines of the host's log that say when something happened. */
export type HostLog = {
  readonly take: (text: string) => void
  /** All lines of these events since the last call, once there are so many; fewer when none has come for a while. */
  readonly lines: (events: readonly string[], count: number) => Promise<LogLine[]>
}

const patienceMs = 15_000

export function createHostLog(): HostLog {
  const lines: LogLine[] = []
  const bell = new EventEmitter()
  return {
    take: text => {
      const parsed = line.safeParse(parsedJson(text))
      if (!parsed.success || !kept.has(parsed.data.msg)) return
      lines.push({ at: Date.parse(parsed.data.time), event: parsed.data.msg, fields: parsed.data })
      bell.emit('line')
    },
    lines: async (events, count) => {
      const fitting = (): LogLine[] => lines.filter(({ event }) => events.includes(event))
      while (fitting().length < count) {
        const came = await once(bell, 'line', { signal: AbortSignal.timeout(patienceMs) }).catch(() => null)
        if (!came) break
      }
      const found = fitting()
      lines.length = 0
      return found
    },
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
