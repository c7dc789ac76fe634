import { useChannel } from '../data/channel.ts'
import { useQuery } from '../data/query.ts'

/** Asks the user to choose a retention period, while none is set and messages are kept for ever. */
export function KeptForEver() {
  const { client } = useChannel()
  const { value } = useQuery(
    async signal => (await client.channels.list.query(undefined, { signal })).channels[0]?.retention,
    [],
  )
  if (!value || value.chosen || value.days > 0) return null
  return (
    <p class="note wait">
      Messages and their files are kept without limit, because no period is set. Choose: set <code>retention_days</code>{' '}
      in the host’s settings to 180, say, or to 0 for ever.
    </p>
  )
}
