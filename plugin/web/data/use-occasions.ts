import { useEffect, useRef, useState } from 'preact/hooks'

import type { SendChange } from '../../contract/api/sends.ts'
import { useSubscription } from './subscription.ts'

/** A burst of changes counts as one occasion. */
const CALM_MS = 300
/** The data also becomes outdated by time alone. */
const EACH_MS = 10_000

/** Counts the occasions to reload the state of sends: after changes, and periodically if `timeMatters`. */
export function useOccasions(timeMatters: boolean): number {
  const [occasions, setOccasions] = useState(0)
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const stir = (): void => {
    timer.current ??= setTimeout(() => {
      timer.current = null
      setOccasions(before => before + 1)
    }, CALM_MS)
  }
  useSubscription<{ data: SendChange }>(
    ({ whatsapp }, observer) => whatsapp.sends.watch.subscribe(undefined, observer),
    { take: stir, started: stir },
    [],
  )
  useEffect(() => {
    if (!timeMatters) return
    const each = setInterval(stir, EACH_MS)
    return () => clearInterval(each)
  }, [timeMatters])
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current)
    },
    [],
  )
  return occasions
}
