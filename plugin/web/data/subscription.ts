import { useEffect, useRef } from 'preact/hooks'

import { useChannel, type Channel } from './channel.ts'
import { type Refusal, refusalOf } from './refusal.ts'

/** The callbacks of a subscription. */
export type Observer<Value> = {
  onStarted(): void
  onData(value: Value): void
  onError(thrown: unknown): void
}

/** Starts a subscription. */
export type Subscribe<Value> = (client: Channel['client'], observer: Observer<Value>) => { unsubscribe(): void }

/**
 * Follows a subscription while the view is mounted; subscribes again when one of `when` changes, and by itself after the socket was
 * closed. `refused` is called when the host ends it. `started` is called each time it starts or resumes: data listed after that has
 * no gap to the subscription's.
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
