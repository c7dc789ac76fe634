import { useNow } from '../hooks/now.ts'
import { lengthOf, timeOf } from '../texts/words.ts'
import { partTexts as texts } from '../texts/part-texts.ts'

/** How long ago something happened; the tooltip has the exact time. */
export function Age({ at }: { at: string }) {
  const now = useNow()
  const ms = now - Date.parse(at)
  return (
    <time dateTime={at} title={timeOf(at)}>
      {ms < 1_000 ? texts.justNow : texts.ago(lengthOf(ms))}
    </time>
  )
}
