import { Worker } from 'node:worker_threads'

import { unreachable } from '../../contract/errors/unreachable.ts'
import type { Log } from '../../contract/host.ts'
import type { OrgId } from '../../contract/ids.ts'
import type { Picture } from './image.ts'
import { Slots } from './slots.ts'

/** The result of each kind of task on a file; null or false when it fails. */
export type Made = {
  readonly picture: Picture | null
  readonly sticker: boolean | null
  readonly animation: boolean | null
  readonly seconds: number | null
  readonly waveform: Uint8Array | null
}

/** A task for a worker. `into`: where the worker writes what it makes. */
export type Decoding = { readonly kind: keyof Made; readonly path: string; readonly into?: string }

/** What decoders need. */
export type DecodersParts = {
  /** The script that runs in a worker (decoder.ts). */
  readonly entry: URL
  readonly deadlineMs: number
  readonly log: Log
}

const WORKERS = 2
/** An idle worker is ended after this. */
const IDLE_MS = 30_000

/**
 * Reads pictures and sounds, which strangers may have made, in workers: two at a time, and one per org. A task that is not done at
 * its deadline fails, and its worker is ended. Workers start with the first file.
 */
export class Decoders {
  readonly #parts: DecodersParts
  readonly #slots = new Slots(WORKERS)
  readonly #programs = new Slots(WORKERS)
  readonly #idle = new Map<Worker, NodeJS.Timeout>()
  readonly #all = new Set<Worker>()
  readonly #closed = new AbortController()

  constructor(parts: DecodersParts) {
    this.#parts = parts
  }

  /** Runs a task on a file; null also when the worker breaks down. @throws ChannelError `gateway_unreachable` once it is closed */
  make<Kind extends keyof Made>(org: OrgId, decoding: Decoding & { readonly kind: Kind }): Promise<Made[Kind] | null> {
    return this.#slots.run(org, async () => {
      this.#throwIfClosed()
      const made = await this.#ask(this.#worker(), decoding)
      this.#throwIfClosed()
      return made as Made[Kind] | null
    })
  }

  /**
   * Does the same with a program, which has to end with the signal. @throws ChannelError `gateway_unreachable` once it is closed
   */
  convert(org: OrgId, program: (signal: AbortSignal) => Promise<boolean>): Promise<boolean> {
    return this.#programs.run(org, async () => {
      this.#throwIfClosed()
      const made = await program(this.#closed.signal)
      this.#throwIfClosed()
      return made
    })
  }

  /** Ends all workers, even those with a task. */
  async close(): Promise<void> {
    this.#closed.abort()
    await Promise.all([...this.#all].map(worker => worker.terminate()))
  }

  #throwIfClosed(): void {
    if (this.#closed.signal.aborted) throw unreachable('starting')
  }

  #worker(): Worker {
    const [known] = this.#idle
    if (known) {
      const [worker, ending] = known
      clearTimeout(ending)
      this.#idle.delete(worker)
      return worker
    }
    const worker = new Worker(this.#parts.entry, { env: {}, stdout: true, stderr: true })
    // The caller that waits for the answer reports the error.
    worker.on('error', () => undefined)
    worker.once('exit', () => {
      clearTimeout(this.#idle.get(worker))
      this.#idle.delete(worker)
      this.#all.delete(worker)
    })
    this.#all.add(worker)
    return worker
  }

  /** The worker's answer; null when none comes in time: then the worker is ended. */
  async #ask(worker: Worker, decoding: Decoding): Promise<Made[keyof Made]> {
    const { deadlineMs, log } = this.#parts
    const over = new AbortController()
    const deadline = setTimeout(() => over.abort(), deadlineMs)
    const answer = await answerOf(worker, decoding, over.signal)
    clearTimeout(deadline)
    if (answer !== 'none') {
      this.#rest(worker)
      return answer
    }
    log.warn({ kind: decoding.kind, reason: over.signal.aborted ? 'too_long' : 'broke_down' }, 'file not decoded')
    // A library may still be at work in the worker: its slot is free only after it has ended.
    await worker.terminate()
    return null
  }

  #rest(worker: Worker): void {
    worker.unref()
    this.#idle.set(worker, setTimeout(() => void worker.terminate(), IDLE_MS).unref())
  }
}

function answerOf(worker: Worker, decoding: Decoding, over: AbortSignal): Promise<Made[keyof Made] | 'none'> {
  return new Promise(resolve => {
    const settle = (answer: Made[keyof Made] | 'none'): void => {
      worker.off('message', settle).off('exit', none)
      resolve(answer)
    }
    const none = (): void => settle('none')
    worker.ref()
    worker.on('message', settle).on('exit', none)
    over.addEventListener('abort', none, { once: true })
    worker.postMessage(decoding)
  })
}
