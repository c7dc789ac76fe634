import { useCallback, useEffect, useRef, useState } from 'preact/hooks'

import { useChannel } from './channel.ts'
import { type Refusal, refusalOf } from './refusal.ts'

/** Data that is loaded. The old value stays until there is a new one. */
export type Query<Value> = {
  readonly value: Value | null
  readonly refusal: Refusal | null
  /** Loads it again. */
  readonly again: () => void
}

const RETRY_MS = 1_000

/**
 * Loads data when the view mounts, when one of `when` changes, and when the socket reconnects. Retries while the host does not
 * answer.
 */
export function useQuery<Value>(load: (signal: AbortSignal) => Promise<Value>, when: readonly unknown[]): Query<Value> {
  const channel = useChannel()
  const [state, setState] = useState<Pick<Query<Value>, 'value' | 'refusal'>>({ value: null, refusal: null })
  const [turn, setTurn] = useState(0)
  const line = useRef({ busy: false, wanted: false })
  const begin = useCallback(() => setTurn(last => last + 1), [])
  // Lets the current load finish; otherwise a busy host, whose changes come faster than its answers, would never seem to answer.
  const again = useCallback(() => {
    if (line.current.busy) line.current.wanted = true
    else begin()
  }, [])
  useEffect(() => channel.onLine(() => channel.isUp() && begin()), [channel])
  useEffect(() => {
    const gone = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    line.current = { busy: true, wanted: false }
    const ended = (): void => {
      const { wanted } = line.current
      line.current = { busy: false, wanted: false }
      if (wanted) begin()
    }
    load(gone.signal).then(
      value => {
        if (gone.signal.aborted) return
        setState({ value, refusal: null })
        ended()
      },
      (thrown: unknown) => {
        if (gone.signal.aborted) return
        const refusal = refusalOf(thrown)
        if (channel.isOver(refusal)) return
        if (refusal.code === 'unreachable') timer = setTimeout(begin, RETRY_MS)
        setState(({ value }) => ({ value, refusal }))
        ended()
      },
    )
    return () => {
      clearTimeout(timer)
      gone.abort()
    }
  }, [channel, turn, ...when])
  return { ...state, again }
}
