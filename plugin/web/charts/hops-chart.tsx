import { type Hops, median } from './hops.ts'
import { chartTexts as texts } from '../texts/chart-texts.ts'
import { spanWords } from '../texts/words.ts'

/** A logarithmic scale that starts at one millisecond: each power of ten has the same width. */
const DECADES = ['1 ms', '10 ms', '100 ms', '1 s', '10 s', '100 s', '17 min'] as const
/** The horizontal place of a duration in a strip; leaves room for whole dots at both ends. */
const placeOf = (ms: number): string => {
  const decades = Math.log10(Math.max(1, ms)) / (DECADES.length - 1)
  return `${1 + Math.min(1, decades) * 98}%`
}

function Strip({ title, spans }: { title: string; spans: readonly number[] }) {
  const middle = median(spans)
  const words = middle === null ? texts.noneYet : texts.spread(spanWords(middle), spanWords(Math.max(...spans)))
  return (
    <div class="strip">
      <p>
        {title} <span class="quiet">{words}</span>
      </p>
      <svg role="img" aria-label={`${title}: ${words}`}>
        {DECADES.map((name, n) => (
          <line key={name} x1={placeOf(10 ** n)} x2={placeOf(10 ** n)} y1="0" y2="100%" />
        ))}
        {spans.map((ms, n) => (
          <circle key={n} cx={placeOf(ms)} cy="50%" r="5" />
        ))}
        {middle !== null && <line class="middle" x1={placeOf(middle)} x2={placeOf(middle)} y1="0" y2="100%" />}
      </svg>
    </div>
  )
}

const spansOf = (hops: readonly Hops[], part: 'stored' | 'agent' | 'whole'): readonly number[] =>
  hops.flatMap(each => each[part] ?? [])

const anchorOf = (n: number): 'start' | 'middle' | 'end' => {
  if (n === 0) return 'start'
  return n === DECADES.length - 1 ? 'end' : 'middle'
}

function Scale() {
  return (
    <svg class="scale" aria-hidden="true">
      {DECADES.map((name, n) => (
        <text key={name} x={placeOf(10 ** n)} y="0.8rem" text-anchor={anchorOf(n)}>
          {name}
        </text>
      ))}
    </svg>
  )
}

/** How long recent messages took: a dot for each, and a line at the median. */
export function HopsChart({ hops }: { hops: readonly Hops[] }) {
  if (hops.length === 0) return <p class="quiet">{texts.noTimesYet}</p>
  const of = hops.length === 1 ? texts.newestMessage : texts.newestMessages(hops.length)
  return (
    <figure>
      <figcaption>
        <strong>{texts.timePerHop}</strong> <span class="quiet">{of}</span>
      </figcaption>
      <Strip title={texts.receivedStored} spans={spansOf(hops, 'stored')} />
      <Strip title={texts.storedAgentDone} spans={spansOf(hops, 'agent')} />
      <Strip title={texts.receivedReplySent} spans={spansOf(hops, 'whole')} />
      <Scale />
    </figure>
  )
}
