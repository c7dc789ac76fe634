import './charts.css'

import type { WireMessage } from '../../contract/api/messages.ts'
import { Card } from '../parts/card.tsx'
import { Loaded } from '../parts/loaded.tsx'
import { RefusalNote } from '../parts/refusal-note.tsx'
import { HopsChart } from './hops-chart.tsx'
import { type Progress, turnOf } from '../parts/progress.ts'
import { TrafficChart } from './traffic-chart.tsx'
import { useHops } from './use-hops.ts'
import { useTraffic } from './use-traffic.ts'
import { chartTexts as texts } from '../texts/chart-texts.ts'

/** How many answered messages are measured. */
const MEASURED = 20

/** The traffic, and how long answers take. */
export function Overview({ messages, progress }: { messages: readonly WireMessage[]; progress: Progress }) {
  const { traffic, query } = useTraffic()
  const isAnswered = (message: WireMessage): boolean =>
    (turnOf(progress, message)?.status ?? message.outcome) === 'answered'
  const hops = useHops(
    messages
      .filter(isAnswered)
      .slice(0, MEASURED)
      .map(({ id }) => id),
  )
  return (
    <Card title={texts.overview}>
      <div class="charts">
        {traffic ? <TrafficChart traffic={traffic} /> : <RefusalNote refusal={query.refusal} />}
        <Loaded query={hops}>{value => <HopsChart hops={value} />}</Loaded>
      </div>
    </Card>
  )
}
