type Observer<Value> = {
  onData(value: Value): void
  onError(error: unknown): void
  onComplete(): void
}

/** A subscription that has not begun. */
export type Subscription<Value> = (observer: Observer<Value>) => { unsubscribe(): void }

/** Hands each value to `take` until it says that it has seen enough, the subscription ends, or `signal` is aborted. */
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
