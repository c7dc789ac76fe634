/**
 * Who may open a connection, and when: one for all accounts of this process, so that a server which comes back after a
 * while is not met by all of them at once (reliability.md §3, F47).
 */
export type ConnectPace = {
  /** Opens now when that may be, else when it is its turn. What it answers takes the wish back. */
  readonly inTurn: (open: () => void) => () => void
  /** The same, before those that wait in turn: for what a person waits for. Every other one, so that it keeps nobody out. */
  readonly first: (open: () => void) => () => void
}

/**
 * At most 5 in any second. They are spread over it: of five that leave at once and the next five a second later, a busy
 * machine would send ten together.
 */
const APART_MS = 200

/** Makes the pace, by a clock that nobody sets. */
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
