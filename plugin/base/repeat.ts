import { WakeLoop } from './wake-loop.ts'

/** Repeats work, a fixed time after each run, also after a run that a caller requested. */
export class Repeat {
  readonly #everyMs: number
  readonly #pump: WakeLoop
  #alarm: NodeJS.Timeout | null = null
  #closed = false

  /** `work` never throws. */
  constructor(everyMs: number, work: () => Promise<void>) {
    this.#everyMs = everyMs
    this.#pump = new WakeLoop(async () => {
      this.#stopAlarm()
      await work()
      // This timer alone must not keep the process alive.
      if (!this.#closed) this.#alarm = setTimeout(() => void this.now(), this.#everyMs).unref()
    })
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** Runs the work now; resolves when a run that began after this call has ended. */
  now(): Promise<void> {
    return this.#pump.wake()
  }

  /** Stops the repetition; resolves when no run is in progress any more. */
  async close(): Promise<void> {
    this.#closed = true
    this.#stopAlarm()
    await this.#pump.close()
  }

  #stopAlarm(): void {
    if (this.#alarm) clearTimeout(this.#alarm)
  }
}
