import { useRef } from 'preact/hooks'

import type { WireCourse } from '../../contract/api/message-trace.ts'
import { useChannel } from '../data/channel.ts'
import { hostNow } from '../data/host-clock.ts'
import { type Query, useQuery } from '../data/query.ts'
import { type Hops, hopsOf } from './hops.ts'

/** How long to wait for a reply that is not transmitted. */
const PATIENCE_MS = 60_000

const isOver = ({ hops }: WireCourse): boolean =>
  hops.first_reply_sent_at !== null ||
  (hops.turn_ended_at !== null && hostNow() - Date.parse(hops.turn_ended_at) > PATIENCE_MS)

/** The hops of these messages. Loads each message's course again until its way is complete. */
export function useHops(ids: readonly string[]): Query<readonly Hops[]> {
  const { client } = useChannel()
  const known = useRef<ReadonlyMap<string, Hops>>(new Map())
  return useQuery(
    async signal => {
      const unknown = ids.filter(id => !known.current.has(id))
      const courses = await Promise.all(unknown.map(id => client.whatsapp.messages.course.query({ id }, { signal })))
      const hops = new Map(courses.map(course => [course.message_id, hopsOf(course)]))
      const shown = ids.flatMap(id => known.current.get(id) ?? hops.get(id) ?? [])
      const over = new Set(courses.filter(isOver).map(({ message_id: id }) => id))
      known.current = new Map(
        shown.filter(({ id }) => known.current.has(id) || over.has(id)).map(each => [each.id, each]),
      )
      return shown
    },
    [ids.join()],
  )
}
