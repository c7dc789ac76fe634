import { useEffect, useState } from 'preact/hooks'

import { hostNow } from '../data/host-clock.ts'

/** The time of the host's clock, updated periodically while the view is mounted; ms UTC. */
export function useNow(everyMs = 1_000): number {
  const [now, setNow] = useState(hostNow)
  useEffect(() => {
    const timer = setInterval(() => setNow(hostNow()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}
