import { WakeLoop } from './wake-loop.ts'

/** Repeats work: a fixed time after each run, also after a run that a caller asked for. */
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
      // What has nothing else to do may end.
      if (!this.#closed) this.#alarm = setTimeout(() => void this.now(), this.#everyMs).unref()
    })
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** Resolves when it has been done since. */
  now(): Promise<void> {
    return this.#pump.wake()
  }

  /** Resolves when nothing of it is done any more. */
  async close(): Promise<void> {
    this.#closed = true
    this.#stopAlarm()
    await this.#pump.close()
  }

  #stopAlarm(): void {
    if (this.#alarm) clearTimeout(this.#alarm)
  }
}
