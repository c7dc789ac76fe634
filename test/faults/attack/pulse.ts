import { call } from '../../support/api.ts'

const EVERY_MS = 100
const PATIENCE_MS = 15_000

/** Asks a host ten times a second whether it lives. */
export type Pulse = Disposable & {
  /** How long each took to be answered since the last time that somebody asked; null: not at all. */
  taken(): (number | null)[]
}

export function feelPulse(url: string): Pulse {
  let times: (number | null)[] = []
  const beat = async (): Promise<void> => {
    const startedAt = performance.now()
    const late = new Promise<null>(resolve => setTimeout(resolve, PATIENCE_MS, null).unref())
    const answer = await Promise.race([call(`${url}/healthz`, { token: null }).catch(() => null), late])
    times.push(answer?.status === 200 ? performance.now() - startedAt : null)
  }
  const beating = setInterval(() => void beat(), EVERY_MS)
  return {
    taken() {
      const all = times
      times = []
      return all
    },
    [Symbol.dispose]: () => clearInterval(beating),
  }
}
