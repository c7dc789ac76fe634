import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'

import { framed, FrameReader } from './frames.ts'
import { ranMs } from './processor-time.ts'
import type { FromWorker, Job, JobFailure, JobOutcome, ToWorker } from './job.ts'

const START_MS = 30_000
/** Without the memory of WebAssembly, which has a limit of its own. */
const MEMORY = ['--max-old-space-size=96', '--max-semi-space-size=8']
/**
 * A host that is killed cannot end its workers. So a worker ends by itself after this processor time, and is replaced before that.
 * It leaves no core dump of its memory.
 */
const LIMITED = 'ulimit -t 120; ulimit -c 0; exec "$@"'
const RETIRED_AFTER_MS = 60_000
/** After jobs of this many ms, the processor time of the process is read again. */
const READ_AFTER_MS = 20
const SOONEST_LOOK_MS = 5

type Doing = {
  readonly job: Job
  readonly begunAt: number
  readonly settle: (outcome: JobOutcome) => void
  timer: NodeJS.Timeout | null
}

function begun(entry: string): ChildProcess {
  const command = [process.execPath, ...MEMORY, entry]
  const [first = '', ...rest] = process.platform === 'win32' ? command : ['/bin/sh', '-c', LIMITED, 'sh', ...command]
  return spawn(first, rest, { env: {}, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
}

/**
 * One worker. It is a process, because a thread that runs out of memory may end the whole process. It runs one job at a time. A job that
 * takes too long is ended together with its worker, which is then replaced.
 */
export class PoolWorker {
  readonly #process: ChildProcess
  readonly #pipe: Socket
  readonly #exited: Promise<void>
  readonly #ready: Promise<boolean>
  #doing: Doing | null = null
  #isOver = false
  /** The processor time at the last reading, and the most it can have used since. */
  #read: { ranMs: number | null; sinceMs: number } = { ranMs: null, sinceMs: 0 }

  constructor(entry: string) {
    this.#process = begun(entry)
    this.#pipe = this.#process.stdio[3] as Socket
    let ready: (isReady: boolean) => void = () => undefined
    this.#ready = new Promise(resolve => (ready = resolve))
    const late = setTimeout(() => void this.end(), START_MS)
    const reader = new FrameReader(({ head }) => {
      const said = head as FromWorker
      if (said.says !== 'ready') return this.#take(said)
      clearTimeout(late)
      ready(true)
    })
    this.#exited = new Promise(resolve => {
      const over = (signal: NodeJS.Signals | null): void => {
        this.#isOver = true
        clearTimeout(late)
        ready(false)
        this.#pipe.destroy()
        // V8 aborts if it runs out of memory.
        this.#settle({ outcome: 'ended', why: signal === 'SIGABRT' ? 'memory' : 'broken' })
        resolve()
      }
      this.#process.once('error', () => over(null))
      this.#process.once('exit', (_, signal) => over(signal))
    })
    this.#pipe.on('error', () => void this.end('broken'))
    this.#pipe.on('data', (piece: Buffer) => reader.take(piece))
    // Only a job in progress keeps the host's process alive.
    this.#process.unref()
    this.#pipe.unref()
  }

  /** Whether it has ended, or is about to. It accepts no more jobs. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Resolves with true when it accepts jobs, or with false if it ended before. */
  get ready(): Promise<boolean> {
    return this.#ready
  }

  /** Resolves when it has ended. */
  get exited(): Promise<void> {
    return this.#exited
  }

  /** Runs a job. If the job has to be ended, the worker ends too. */
  async run(job: Job): Promise<JobOutcome> {
    if (!(await this.#ready) || this.#isOver) return { outcome: 'ended', why: 'closed' }
    if (this.#read.ranMs === null || this.#read.sinceMs > READ_AFTER_MS) {
      this.#read = { ranMs: this.#ran(), sinceMs: 0 }
    }
    const outcome = await new Promise<JobOutcome>(settle => {
      const doing: Doing = { job, begunAt: performance.now(), settle, timer: null }
      doing.timer = setTimeout(() => this.#look(doing), job.limitMs)
      this.#doing = doing
      try {
        const head: ToWorker = { tool: job.tool, message: job.message }
        for (const part of framed({ head, bytes: job.bytes ?? [] })) this.#pipe.write(part)
      } catch {
        this.#settle({ outcome: 'ended', why: 'broken' })
      }
    })
    if ((this.#read.ranMs ?? 0) > RETIRED_AFTER_MS) void this.end()
    return outcome
  }

  /** Ends the worker and its current job. */
  async end(why: JobFailure = 'closed'): Promise<void> {
    this.#isOver = true
    this.#settle({ outcome: 'ended', why })
    // The host's process stays alive until the worker has ended.
    this.#process.ref()
    this.#process.kill('SIGKILL')
    await this.#exited
  }

  #take(said: Exclude<FromWorker, { says: 'ready' }>): void {
    if (!this.#doing) return
    const tookMs = performance.now() - this.#doing.begunAt
    this.#read.sinceMs += tookMs
    if (said.says === 'broken') this.#settle({ outcome: 'ended', why: 'broken' })
    else this.#settle({ outcome: 'answered', answer: said.answer, tookMs })
  }

  #settle(outcome: JobOutcome): void {
    const doing = this.#doing
    if (!doing) return
    this.#doing = null
    if (doing.timer) clearTimeout(doing.timer)
    doing.settle(outcome)
  }

  /**
   * Checks whether the current job must be ended. The host itself may have been late, so messages that have arrived are read
   * first.
   */
  #look(doing: Doing): void {
    setImmediate(() => {
      if (this.#doing !== doing) return
      const { limitMs, longestMs } = doing.job
      const tookMs = performance.now() - doing.begunAt
      const leftMs = Math.min(limitMs - this.#ranOf(tookMs), longestMs - tookMs)
      if (leftMs <= 0) void this.end('time')
      else doing.timer = setTimeout(() => this.#look(doing), Math.max(leftMs, SOONEST_LOOK_MS))
    })
  }

  /** How long the current job has run, at least. */
  #ranOf(tookMs: number): number {
    const now = this.#ran()
    const { ranMs: before, sinceMs } = this.#read
    return now === null || before === null ? tookMs : now - before - sinceMs
  }

  #ran(): number | null {
    const { pid } = this.#process
    return pid === undefined ? null : ranMs(pid)
  }
}
