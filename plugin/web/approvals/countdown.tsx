import { useEffect } from 'preact/hooks'

import { useNow } from '../hooks/now.ts'
import { leftOf, timeOf } from '../texts/words.ts'
import { approvalTexts as texts } from '../texts/approval-texts.ts'

/** Shows the time left until an instant; calls `over` once when it has passed. */
export function Countdown({ until, over }: { until: string; over: () => void }) {
  const left = Date.parse(until) - useNow()
  const isOver = left <= 0
  useEffect(() => {
    if (isOver) over()
  }, [isOver])
  return (
    <time dateTime={until} title={timeOf(until)}>
      {isOver ? texts.expired : texts.minutes(leftOf(left))}
    </time>
  )
}
