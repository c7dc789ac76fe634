import { useEffect, useState } from 'preact/hooks'

const PAUSE_MS = 250

/** A value as it was when it last stood still: what is asked of the host while somebody types. Compared by its JSON. */
export function useDebounced<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value)
  const written = JSON.stringify(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [written])
  return settled
}
