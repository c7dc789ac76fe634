type Observer<Value> = {
  onData(value: Value): void
  onError(error: unknown): void
  onComplete(): void
}

/** Starts a subscription for an observer. */
export type Subscription<Value> = (observer: Observer<Value>) => { unsubscribe(): void }

/** Passes each value to `take` until it returns 'enough', the subscription ends, or `signal` is aborted. */
export function follow<Value>(
  subscribe: Subscription<Value>,
  signal: AbortSignal,
  take: (value: Value) => 'more' | 'enough',
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      subscription.unsubscribe()
      resolve()
    }
    const subscription = subscribe({
      onData: value => {
        if (take(value) === 'enough') end()
      },
      onError: reject,
      onComplete: resolve,
    })
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}
