import type { Duplex } from 'node:stream'

const POLITE_MS = 1_000

export type Line = {
  readonly use: (stream: Duplex) => void
  /** False when there is no connection yet. */
  readonly cut: () => boolean
  readonly cutSoon: () => void
}

/** The stream below the WebSocket. Destroying it spares Baileys a wait of 30 s for a peer that does not answer a close. */
export function createLine(): Line {
  let stream: Duplex | null = null
  return {
    use: opened => (stream = opened),
    cut: () => stream?.destroy() !== undefined,
    cutSoon: () => {
      setTimeout(() => stream?.destroy(), POLITE_MS).unref()
    },
  }
}
