import { useEffect, useRef } from 'preact/hooks'

import { useChannel, type Channel } from './channel.ts'
import { type Refusal, refusalOf } from './refusal.ts'

/** Who is told of what a subscription brings. */
export type Observer<Value> = {
  onStarted(): void
  onData(value: Value): void
  onError(thrown: unknown): void
}

/** Begins a subscription. */
export type Subscribe<Value> = (client: Channel['client'], observer: Observer<Value>) => { unsubscribe(): void }

/**
 * Follows a subscription while the view is there, and another one whenever one of `when` has changed. It comes back by
 * itself after the socket was closed; `refused` is told when the host does not let it go on, and `started` each time that it
 * has begun or come back: what is listed after that and what it brings have no gap between them.
 */
export function useSubscription<Value>(
  subscribe: Subscribe<Value>,
  told: {
    readonly take: (value: Value) => void
    readonly refused?: (refusal: Refusal) => void
    readonly started?: () => void
  },
  when: readonly unknown[],
): void {
  const channel = useChannel()
  const newest = useRef(told)
  newest.current = told
  useEffect(() => {
    const subscription = subscribe(channel.client, {
      onStarted: () => newest.current.started?.(),
      onData: value => newest.current.take(value),
      onError(thrown) {
        const refusal = refusalOf(thrown)
        if (!channel.isOver(refusal)) newest.current.refused?.(refusal)
      },
    })
    return () => subscription.unsubscribe()
  }, [channel, ...when])
}
