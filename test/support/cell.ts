/** A value that changes, and those who wait for the next change. */
export function createCell<Value>(first: Value) {
  let value = first
  let wake: (() => void)[] = []
  return {
    get: () => value,
    set(next: Value) {
      value = next
      for (const each of wake.splice(0)) each()
    },
    changed(signal: AbortSignal) {
      return new Promise<void>(resolve => {
        wake = [...wake, resolve]
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
    },
  }
}

/** The value now and at each change. */
export async function* statesOf<State>(cell: ReturnType<typeof createCell<State>>, signal: AbortSignal) {
  while (!signal.aborted) {
    const changed = cell.changed(signal)
    yield cell.get()
    await changed
  }
}

/** The entries after a number, and those that come. */
export async function* followed<Entry extends { readonly seq: number }>(
  cell: ReturnType<typeof createCell<readonly Entry[]>>,
  after: number | null,
  signal: AbortSignal,
) {
  let seen = after ?? cell.get().length
  while (!signal.aborted) {
    const changed = cell.changed(signal)
    for (const entry of cell.get().slice(seen)) {
      if (signal.aborted) return
      seen = entry.seq
      yield entry
    }
    if (seen === cell.get().length) await changed
  }
}
