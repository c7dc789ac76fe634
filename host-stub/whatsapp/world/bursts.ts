import { randomUUID } from 'node:crypto'
import type { Companion } from './accounts.ts'
import type { Stanza } from '../wire/stanza.ts'

/** The instants in the life of one message of a burst, in ms UTC with fractions, because differences below 1 ms matter. */
export interface Moments {
  text: string
  /** First written to a linked device's connection. */
  delivered_at: number | null
  /** The device's receipt or ack arrived. */
  settled_at: number | null
  /** Its author's phone decrypted a linked device's reply with the same text. */
  answered_at: number | null
}

export type Passage = 'delivered_at' | 'settled_at' | 'answered_at'

/** An encrypted message that waits for the start of its burst. */
export interface LoadedMessage {
  id: string
  author: string
  text: string
  letters: { companion: Companion; stanza: Stanza }[]
}

export interface BurstProgress {
  count: number
  settled: number
  answered: number
  first_delivered_at: number | null
  last_settled_at: number | null
  last_answered_at: number | null
}

interface Burst {
  loaded: LoadedMessage[]
  moments: Moments[]
  counts: Record<Passage, number>
  first: Partial<Record<Passage, number>>
  last: Partial<Record<Passage, number>>
  waiting: { passage: Passage; wake: () => void }[]
}

type Entry = { burst: Burst; moments: Moments }

export function preciseNow(): number {
  return performance.timeOrigin + performance.now()
}

/** Messages that are encrypted in advance, sent in one go, and followed to their answers. */
export class Bursts {
  readonly #bursts = new Map<string, Burst>()
  readonly #byId = new Map<string, Entry>()
  readonly #byText = new Map<string, Entry>()

  load(loaded: LoadedMessage[]): string {
    const moments = loaded.map(({ text }) => ({ text, delivered_at: null, settled_at: null, answered_at: null }))
    const counts = { delivered_at: 0, settled_at: 0, answered_at: 0 }
    const burst: Burst = { loaded, moments, counts, first: {}, last: {}, waiting: [] }
    for (const [index, { id, author, text }] of loaded.entries()) {
      const entry = { burst, moments: moments[index] ?? { text, ...unseen } }
      this.#byId.set(id, entry)
      this.#byText.set(`${author} ${text}`, entry)
    }
    const name = randomUUID()
    this.#bursts.set(name, burst)
    return name
  }

  /** Sends all messages: at once, or `perSecond`. */
  release(name: string, perSecond: number | undefined): void {
    const { loaded } = this.#burst(name)
    if (perSecond === undefined) {
      for (const message of loaded) post(message)
      return
    }
    const startedAt = preciseNow()
    for (const [index, message] of loaded.entries()) {
      const dueAt = startedAt + (index * 1000) / perSecond
      setTimeout(() => post(message), Math.max(0, dueAt - preciseNow()))
    }
  }

  noteStanza(id: string, passage: 'delivered_at' | 'settled_at'): void {
    const entry = this.#byId.get(id)
    if (entry) pass(entry, passage)
  }

  noteAnswer(author: string, text: string): void {
    const entry = this.#byText.get(`${author} ${text}`)
    if (entry) pass(entry, 'answered_at')
  }

  /** Resolves when all messages of the burst have reached the passage, or after `waitMs`. */
  async progress(name: string, passage: Passage, waitMs: number): Promise<BurstProgress> {
    const burst = this.#burst(name)
    if (burst.counts[passage] < burst.moments.length && waitMs > 0) {
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, waitMs)
        burst.waiting.push({ passage, wake: () => resolve(clearTimeout(timer)) })
      })
    }
    const { counts, first, last, moments } = burst
    return {
      count: moments.length,
      settled: counts.settled_at,
      answered: counts.answered_at,
      first_delivered_at: first.delivered_at ?? null,
      last_settled_at: last.settled_at ?? null,
      last_answered_at: last.answered_at ?? null,
    }
  }

  moments(name: string): Moments[] {
    return this.#burst(name).moments
  }

  #burst(name: string): Burst {
    const burst = this.#bursts.get(name)
    if (!burst) throw new Error('no such burst')
    return burst
  }
}

const unseen = { delivered_at: null, settled_at: null, answered_at: null }

function post({ letters }: LoadedMessage): void {
  for (const { companion, stanza } of letters) companion.queue.post(stanza)
}

function pass({ burst, moments }: Entry, passage: Passage): void {
  if (moments[passage] !== null) return
  const at = preciseNow()
  moments[passage] = at
  burst.first[passage] ??= at
  burst.last[passage] = at
  burst.counts[passage] += 1
  if (burst.counts[passage] < burst.moments.length) return
  for (const waiting of burst.waiting) if (waiting.passage === passage) waiting.wake()
}
