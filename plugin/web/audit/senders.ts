import { useRef } from 'preact/hooks'

import type { WireSender } from '../../contract/api/senders.ts'
import { useChannel } from '../data/channel.ts'
import { useQuery } from '../data/query.ts'
import type { Act } from './acts.ts'

/** The maximum number of messages per request. */
const MOST = 200

/** The id of the message that an act is about; null if it is about none. */
export function messageOf({ entry: { resource } }: Act): string | null {
  const { message } = resource
  return typeof message === 'string' && message !== '' ? message : null
}

/** The senders of the messages that acts are about, by message id. Users who may not read names see the acts without them. */
export function useSenders(acts: readonly Act[]): ReadonlyMap<string, WireSender> {
  const { client } = useChannel()
  const known = useRef(new Map<string, WireSender>())
  const asked = useRef(new Set<string>())
  const ids = [...new Set(acts.flatMap(act => messageOf(act) ?? []))]
  useQuery(
    async signal => {
      const missing = ids.filter(id => !asked.current.has(id))
      for (let from = 0; from < missing.length; from += MOST) {
        const some = missing.slice(from, from + MOST)
        const { senders } = await client.whatsapp.messages.senders.query({ ids: some }, { signal })
        for (const sender of senders) known.current.set(sender.id, sender)
        for (const id of some) asked.current.add(id)
      }
    },
    [ids.join()],
  )
  return known.current
}
