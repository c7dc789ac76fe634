/** So many calls of a socket are under way at once; then nothing more is read from it. Each may hold 1 MB. */
const MOST_UNDER_WAY = 16

/** What holds a socket back that asks faster than it is answered. */
export type Inflow = {
  /** A call is under way until what it answers is called. */
  readonly enter: () => () => void
}

/** What of a socket is needed for it. The client's types reach this file, and none of `ws` is installed with them. */
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
