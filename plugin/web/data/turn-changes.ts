import { useEffect, useRef } from 'preact/hooks'

import { useSubscription } from './subscription.ts'

/** Many turns change at once when many people write: they are looked at together. */
const TOGETHER_MS = 200

/** Tells when turns have changed, and when it is told of them again: what changed in between was not. */
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
