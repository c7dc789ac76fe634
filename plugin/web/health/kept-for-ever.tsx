import { useChannel } from '../data/channel.ts'
import { useQuery } from '../data/query.ts'
import { healthTexts as texts } from '../texts/health-texts.ts'

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
      {texts.keptForEver} <code>retention_days</code> {texts.howToChoose}
    </p>
  )
}
