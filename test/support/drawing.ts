/** Draws a whole number below another. */
export type Draw = (below: number) => number

const GOLDEN = 0x9e3779b9

/** Numbers that look random and are the same for the same seed. */
export function drawing(seed: number): Draw {
  let state = (seed ^ GOLDEN) >>> 0
  return below => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0
    return ((state ^ (state >>> 13)) >>> 0) % below
  }
}

/** One of several. @throws when there is none. */
export function oneOf<Item>(draw: Draw, items: readonly Item[]): Item {
  const item = items[draw(items.length)]
  if (item === undefined) throw new TypeError('there is nothing to draw from')
  return item
}
