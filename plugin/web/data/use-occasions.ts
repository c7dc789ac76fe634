import { useEffect, useRef, useState } from 'preact/hooks'

import type { SendChange } from '../../contract/api/sends.ts'
import { useSubscription } from './subscription.ts'

/** A burst of steps is one occasion. */
const CALM_MS = 300
/** What is known goes out of date by itself, as time goes on. */
const EACH_MS = 10_000

/** Counts the occasions to ask again how sending goes: one has taken a step, or time goes on where that matters. */
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
