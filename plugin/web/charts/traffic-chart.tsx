import { useNow } from '../hooks/now.ts'
import { type Minute, perMinute } from './traffic.ts'
import { HOUR_MINUTES, type Traffic } from './use-traffic.ts'
import { chartTexts as texts } from '../texts/chart-texts.ts'

const HALF = 50
const STEP = 10
const BAR = 8

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })

const sumOf = (minutes: readonly Minute[], direction: 'inbound' | 'outbound'): number =>
  minutes.reduce((sum, minute) => sum + minute[direction], 0)

function Bars({ minutes, most, label }: { minutes: readonly Minute[]; most: number; label: string }) {
  const high = (count: number): number => (count / most) * (HALF - 2)
  return (
    <svg
      class="bars"
      viewBox={`0 0 ${minutes.length * STEP} ${2 * HALF}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {minutes.map(({ startsAt, inbound, outbound }, n) => (
        <g key={startsAt}>
          <rect class="in" x={n * STEP + 1} y={HALF - high(inbound)} width={BAR} height={high(inbound)} />
          <rect class="out" x={n * STEP + 1} y={HALF} width={BAR} height={high(outbound)} />
        </g>
      ))}
      <path d={`M0 ${HALF}h${minutes.length * STEP}`} />
    </svg>
  )
}

function AsTable({ minutes }: { minutes: readonly Minute[] }) {
  return (
    <details>
      <summary>{texts.asATable}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{texts.minute}</th>
            <th scope="col">{texts.in}</th>
            <th scope="col">{texts.out}</th>
          </tr>
        </thead>
        <tbody>
          {minutes
            .filter(({ inbound, outbound }) => inbound + outbound > 0)
            .toReversed()
            .map(({ startsAt, inbound, outbound }) => (
              <tr key={startsAt}>
                <th scope="row">{clock.format(startsAt)}</th>
                <td>{inbound}</td>
                <td>{outbound}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </details>
  )
}

/** Messages per minute of the last hour: inbound above the line, outbound below it. */
export function TrafficChart({ traffic: { marks, since } }: { traffic: Traffic }) {
  const now = useNow(5_000)
  const minutes = perMinute(marks, now, HOUR_MINUTES).filter(({ startsAt }) => startsAt + 60_000 > since)
  const [inbound, outbound] = [sumOf(minutes, 'inbound'), sumOf(minutes, 'outbound')]
  const most = Math.max(1, ...minutes.flatMap(each => [each.inbound, each.outbound]))
  const words = texts.trafficSummary({ inbound, outbound, minutes: minutes.length, most })
  return (
    <figure>
      <figcaption>
        <strong>{texts.messagesPerMinute}</strong>{' '}
        <span class="quiet">{inbound + outbound === 0 ? texts.noneYet : words}</span>
      </figcaption>
      <Bars minutes={minutes} most={most} label={texts.messagesPerMinuteAre(words)} />
      <div class="axis quiet" aria-hidden="true">
        <span>{clock.format(minutes[0]?.startsAt ?? now)}</span>
        <span>
          <span class="key in" /> {texts.seriesIn} <span class="key out" /> {texts.seriesOut}
        </span>
        <span>{clock.format(now)}</span>
      </div>
      <AsTable minutes={minutes} />
    </figure>
  )
}
