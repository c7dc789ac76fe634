import type { WireSender } from '../../contract/api-senders.ts'
import { useChannel } from '../channel.ts'
import { useQuery } from '../query.ts'
import type { Act } from './acts.ts'

/** As many as are asked for at once. */
const MOST = 200

/** The message that an act is about; null when it is about none. */
export function messageOf({ entry: { resource } }: Act): string | null {
  const { message } = resource
  return typeof message === 'string' && message !== '' ? message : null
}

/** Who wrote what the acts are about, by message. Who may not read names learns none, and sees the acts all the same. */
export function useSenders(acts: readonly Act[]): ReadonlyMap<string, WireSender> {
  const { client } = useChannel()
  const ids = [...new Set(acts.flatMap(act => messageOf(act) ?? []))]
  const { value } = useQuery(
    async signal => {
      const pages = Array.from({ length: Math.ceil(ids.length / MOST) }, (_, at) =>
        ids.slice(at * MOST, (at + 1) * MOST),
      )
      const asked = pages.map(page => client.whatsapp.messages.senders.query({ ids: page }, { signal }))
      return (await Promise.all(asked)).flatMap(({ senders }) => senders)
    },
    [ids.join()],
  )
  return new Map((value ?? []).map(sender => [sender.id, sender]))
}
