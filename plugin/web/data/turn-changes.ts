import { useEffect, useRef } from 'preact/hooks'

import { useSubscription } from './subscription.ts'

/** Many turns change at once when many people write, so changes are reported together. */
const TOGETHER_MS = 200

/** Reports changes of turns, and each start of the subscription, because changes before it were missed. */
export function useTurnChanges(changed: () => void): void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const newest = useRef(changed)
  newest.current = changed
  const take = (): void => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined
      newest.current()
    }, TOGETHER_MS)
  }
  useSubscription(({ turns }, observer) => turns.watch.subscribe(undefined, observer), { take, started: take }, [])
  useEffect(() => () => clearTimeout(timer.current), [])
}
