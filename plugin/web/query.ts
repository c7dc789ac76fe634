import { useCallback, useEffect, useState } from 'preact/hooks'

import { useChannel } from './channel.ts'
import { type Refusal, refusalOf } from './refusal.ts'

/** Something that is being loaded. What was there before stays until there is something newer. */
export type Query<Value> = {
  readonly value: Value | null
  readonly refusal: Refusal | null
  /** Loads it anew. */
  readonly again: () => void
}

const RETRY_MS = 1_000

/**
 * Loads something when the view appears, whenever one of `when` has changed, and when the socket is open again; goes on
 * trying while the host does not answer.
 */
export function useQuery<Value>(load: (signal: AbortSignal) => Promise<Value>, when: readonly unknown[]): Query<Value> {
  const channel = useChannel()
  const [state, setState] = useState<Pick<Query<Value>, 'value' | 'refusal'>>({ value: null, refusal: null })
  const [turn, setTurn] = useState(0)
  const again = useCallback(() => setTurn(last => last + 1), [])
  useEffect(() => channel.onLine(() => channel.isUp() && again()), [channel])
  useEffect(() => {
    const gone = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    load(gone.signal).then(
      value => gone.signal.aborted || setState({ value, refusal: null }),
      (thrown: unknown) => {
        if (gone.signal.aborted) return
        const refusal = refusalOf(thrown)
        if (refusal.code === 'unauthorized') return channel.signOut('The token does not hold any more. Sign in again.')
        if (refusal.code === 'unreachable') timer = setTimeout(again, RETRY_MS)
        setState(({ value }) => ({ value, refusal }))
      },
    )
    return () => {
      clearTimeout(timer)
      gone.abort()
    }
  }, [channel, turn, ...when])
  return { ...state, again }
}
