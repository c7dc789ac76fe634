import { useEffect, useState } from 'preact/hooks'

const PAUSE_MS = 250

/** A value once it has not changed for a moment, for requests while the user types. Compares values by their JSON. */
export function useDebounced<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value)
  const written = JSON.stringify(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [written])
  return settled
}
