import { setTimeout as pause } from 'node:timers/promises'

import { controlCall } from '../../../host-stub/whatsapp/client/control-call.ts'
import type { PhoneCharacter, RunningNetwork } from '../../support/network.ts'

const STRETCH = 15
const PATIENCE_MS = 90_000

/** What was said, and after how long its answer was on the phone; null: not at all, so far. */
export type Echo = { readonly text: string; readonly tookMs: number | null }

/** Somebody who writes to org A once a second, and is told the same. */
export type Victim = {
  /** Writes for so many seconds, without a pause, or until it is told to stop; once a second unless it is said otherwise. */
  writes(seconds: number, how?: { readonly perSecond?: number; readonly signal?: AbortSignal | undefined }): Writing
  /** How often each text was heard. */
  heard(): Promise<ReadonlyMap<string, number>>
}

/** What is being written. */
export type Writing = {
  /** What became of what was said so far. */
  soFar(): Promise<Echo[]>
  /** All of it, once it is answered, or nobody waits any more. */
  readonly done: Promise<Echo[]>
}

/**
 * Times are the network's: from when a message is put on the line of the linked device to when its author's phone has decrypted
 * the answer. What the network and this program are busy with before and after that is no time of the host's.
 */
export function victim({ state }: RunningNetwork, author: PhoneCharacter, to: PhoneCharacter): Victim {
  const call = controlCall(state)
  let stretches = 0

  const stretch = async (count: number, perSecond: number): Promise<string> => {
    stretches += 1
    const loaded = { authors: [author.name], to: { phone: to.name }, count, label: `echo ${stretches} of` }
    const { burst } = await call('bursts/load', loaded)
    await call('bursts/release', { burst, per_second: perSecond })
    return burst
  }
  const momentsOf = async (burst: string): Promise<Echo[]> => {
    const { moments } = await call('bursts/moments', { burst })
    return moments.map(({ text, delivered_at: from, answered_at: until }) => {
      return { text, tookMs: from === null || until === null ? null : until - from }
    })
  }
  const settled = async (burst: string): Promise<void> => {
    const endAt = Date.now() + PATIENCE_MS
    for (let isAnswered = false; !isAnswered && Date.now() < endAt;) {
      const { answered, count } = await call('bursts/progress', { burst, passage: 'answered_at', wait_ms: 5_000 })
      isAnswered = answered === count
    }
  }
  return {
    writes(seconds, { perSecond = 1, signal } = {}) {
      const bursts: string[] = []
      const soFar = async (): Promise<Echo[]> => (await Promise.all(bursts.map(momentsOf))).flat()
      const write = async (): Promise<Echo[]> => {
        const startedAt = performance.now()
        for (let said = 0; said < seconds && signal?.aborted !== true; said += STRETCH) {
          bursts.push(await stretch(Math.min(STRETCH, seconds - said) * perSecond, perSecond))
          await pause(Math.max(0, startedAt + Math.min(said + STRETCH, seconds) * 1_000 - performance.now()))
        }
        await Promise.all(bursts.map(settled))
        return soFar()
      }
      return { soFar, done: write() }
    },
    async heard() {
      const times = new Map<string, number>()
      for (const { text, own } of await author.heard()) if (!own) times.set(text, (times.get(text) ?? 0) + 1)
      return times
    },
  }
}
