import { useState } from 'preact/hooks'

import type { WireMessage } from '../../contract/api/messages.ts'
import { type Channel, useChannel } from '../data/channel.ts'
import { hostNow } from '../data/host-clock.ts'
import { type Query, useQuery } from '../data/query.ts'
import { useSubscription } from '../data/subscription.ts'
import { type Mark, markOf, MINUTE_MS, withMarks } from './traffic.ts'

export const HOUR_MINUTES = 60
const PAGE = 200
/** The maximum number of pages; in a busy hour the chart starts where they end. */
const MOST_PAGES = 5

const anHourAgo = (): number => (Math.floor(hostNow() / MINUTE_MS) - HOUR_MINUTES + 1) * MINUTE_MS

export type Traffic = {
  readonly marks: readonly Mark[]
  /** The marks are complete from here on; ms UTC. */
  readonly since: number
}

async function lastHour(client: Channel['client'], signal: AbortSignal): Promise<Traffic> {
  const since = anHourAgo()
  const marks: Mark[] = []
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const before = marks.at(-1)?.id
    const of = { limit: PAGE, ...(before !== undefined && { before }) }
    const { messages, more } = await client.whatsapp.messages.list.query(of, { signal })
    marks.push(...messages.map(markOf))
    const oldest = marks.at(-1)
    if (!more || !oldest || oldest.at < since) return { marks, since }
  }
  return { marks, since: marks.at(-1)?.at ?? since }
}

/** The messages of the last hour, kept up to date. */
export function useTraffic(): { readonly traffic: Traffic | null; readonly query: Query<unknown> } {
  const { client } = useChannel()
  const [traffic, setTraffic] = useState<Traffic | null>(null)
  const [started, setStarted] = useState(0)
  const more = (marks: readonly Mark[]): void =>
    setTraffic(known => known && { ...known, marks: withMarks(known.marks, marks, anHourAgo()) })
  useSubscription<{ data: WireMessage }>(
    ({ whatsapp }, observer) => whatsapp.messages.watch.subscribe(undefined, observer),
    { take: ({ data: message }) => more([markOf(message)]), started: () => setStarted(before => before + 1) },
    [],
  )
  const query = useQuery(
    async signal => {
      if (started === 0) return null
      const hour = await lastHour(client, signal)
      setTraffic(known => ({ ...hour, marks: withMarks(known?.marks ?? [], hour.marks, anHourAgo()) }))
      return hour
    },
    [started],
  )
  return { traffic, query }
}
