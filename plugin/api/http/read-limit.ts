/** How many calls of a socket may run at once; beyond that the socket is not read. Each call may hold 1 MB. */
const MOST_UNDER_WAY = 16

/** Holds back a socket that sends calls faster than they are answered. */
export type Inflow = {
  /** Counts a call as running until the returned function is called. */
  readonly enter: () => () => void
}

/**
 * The part of a socket that is used here. The client's types include this file, and the types of `ws` are not installed with them.
 */
type Read = { pause(): void; resume(): void }

export function inflowOf(client: Read): Inflow {
  let underWay = 0
  return {
    enter: () => {
      underWay += 1
      if (underWay === MOST_UNDER_WAY) client.pause()
      return () => {
        underWay -= 1
        if (underWay === MOST_UNDER_WAY - 1) client.resume()
      }
    },
  }
}
