/**
 * Decides who may open a connection, and when. All accounts of this process share one, so that a server that comes back after a
 * while does not get all of them at once (reliability.md §3, F47).
 */
export type ConnectPace = {
  /** Calls `open` now if that is allowed, else when it is its turn. Returns a function that withdraws the wish. */
  readonly inTurn: (open: () => void) => () => void
  /**
   * The same, before those that wait in turn: for what a person waits for. It gets every other slot, so that it keeps nobody out.
   */
  readonly first: (open: () => void) => () => void
}

/**
 * At most 5 in any second, spread over it: if five left at once and the next five a second later, a busy machine would send ten
 * together.
 */
const APART_MS = 200

/** Creates the pace. `now` is a clock that nobody can set. */
export function createConnectPace(now: () => number): ConnectPace {
  const urgent = new Set<() => void>()
  const others = new Set<() => void>()
  let last = others
  let freeAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | undefined

  const openDue = (): void => {
    clearTimeout(timer)
    const isUrgent = urgent.size > 0 && (last === others || others.size === 0)
    const queue = isUrgent ? urgent : others
    const [next] = queue
    if (!next) return
    const waitMs = freeAt - now()
    if (waitMs > 0) {
      timer = setTimeout(openDue, Math.ceil(waitMs))
      return
    }
    queue.delete(next)
    last = queue
    freeAt = now() + APART_MS
    try {
      next()
    } finally {
      openDue()
    }
  }
  const wish = (queue: Set<() => void>) => (open: () => void) => {
    const mine = (): void => open()
    queue.add(mine)
    openDue()
    return () => void queue.delete(mine)
  }
  return { inTurn: wish(others), first: wish(urgent) }
}
