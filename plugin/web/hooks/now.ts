import { useEffect, useState } from 'preact/hooks'

import { hostNow } from '../data/host-clock.ts'

/** The time by the host's clock, read again every so often while the view is there; ms UTC. */
export function useNow(everyMs = 1_000): number {
  const [now, setNow] = useState(hostNow)
  useEffect(() => {
    const timer = setInterval(() => setNow(hostNow()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}
