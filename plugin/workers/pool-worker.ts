import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'

import { framed, FrameReader } from './frames.ts'
import { ranMs } from './processor-time.ts'
import type { Ending, FromWorker, Outcome, ToWorker, Work } from './work.ts'

const START_MS = 30_000
/** Beside the memory of WebAssembly, which has a limit of its own. */
const MEMORY = ['--max-old-space-size=96', '--max-semi-space-size=8']
/**
 * A host that is killed cannot end what it has begun: a worker that has run for so long ends by itself, and is replaced before.
 * Nothing is left of its memory either.
 */
const LIMITED = 'ulimit -t 120; ulimit -c 0; exec "$@"'
const RETIRED_AFTER_MS = 60_000
/** How much work is done before it is read again how long the process has run. */
const READ_AFTER_MS = 20
const SOONEST_LOOK_MS = 5

type Doing = {
  readonly work: Work
  readonly begunAt: number
  readonly settle: (outcome: Outcome) => void
  timer: NodeJS.Timeout | null
}

function begun(entry: string): ChildProcess {
  const command = [process.execPath, ...MEMORY, entry]
  const [first = '', ...rest] = process.platform === 'win32' ? command : ['/bin/sh', '-c', LIMITED, 'sh', ...command]
  return spawn(first, rest, { env: {}, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
}

/**
 * One worker: a process, since a thread that runs out of memory may take the whole process with it. It does one thing at a
 * time, and is ended with what takes too long; then another takes its place.
 */
export class PoolWorker {
  readonly #process: ChildProcess
  readonly #pipe: Socket
  readonly #exited: Promise<void>
  readonly #ready: Promise<boolean>
  #doing: Doing | null = null
  #isOver = false
  /** How long the process had run when that was read last, and at most since then. */
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
        // V8 aborts when there is no memory left.
        this.#settle({ outcome: 'ended', why: signal === 'SIGABRT' ? 'memory' : 'broken' })
        resolve()
      }
      this.#process.once('error', () => over(null))
      this.#process.once('exit', (_, signal) => over(signal))
    })
    this.#pipe.on('error', () => void this.end('broken'))
    this.#pipe.on('data', (piece: Buffer) => reader.take(piece))
    // What is being done keeps the host alive, and nothing else.
    this.#process.unref()
    this.#pipe.unref()
  }

  /** Whether it has ended, or is about to: it takes nothing any more. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Resolves once it takes work, or with false when it went before. */
  get ready(): Promise<boolean> {
    return this.#ready
  }

  /** Resolves once it is gone. */
  get exited(): Promise<void> {
    return this.#exited
  }

  /** Does work. When it is ended, so is the worker. */
  async run(work: Work): Promise<Outcome> {
    if (!(await this.#ready) || this.#isOver) return { outcome: 'ended', why: 'closed' }
    if (this.#read.ranMs === null || this.#read.sinceMs > READ_AFTER_MS) {
      this.#read = { ranMs: this.#ran(), sinceMs: 0 }
    }
    const outcome = await new Promise<Outcome>(settle => {
      const doing: Doing = { work, begunAt: performance.now(), settle, timer: null }
      doing.timer = setTimeout(() => this.#look(doing), work.limitMs)
      this.#doing = doing
      try {
        const head: ToWorker = { tool: work.tool, message: work.message }
        for (const part of framed({ head, bytes: work.bytes ?? [] })) this.#pipe.write(part)
      } catch {
        this.#settle({ outcome: 'ended', why: 'broken' })
      }
    })
    if ((this.#read.ranMs ?? 0) > RETIRED_AFTER_MS) void this.end()
    return outcome
  }

  /** Ends it, and what it is doing. */
  async end(why: Ending = 'closed'): Promise<void> {
    this.#isOver = true
    this.#settle({ outcome: 'ended', why })
    // The process stays alive until it is gone.
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

  #settle(outcome: Outcome): void {
    const doing = this.#doing
    if (!doing) return
    this.#doing = null
    if (doing.timer) clearTimeout(doing.timer)
    doing.settle(outcome)
  }

  /** Whether it is time to end what is being done. The host may have been the one that was late: what has come is read first. */
  #look(doing: Doing): void {
    setImmediate(() => {
      if (this.#doing !== doing) return
      const { limitMs, longestMs } = doing.work
      const tookMs = performance.now() - doing.begunAt
      const leftMs = Math.min(limitMs - this.#ranOf(tookMs), longestMs - tookMs)
      if (leftMs <= 0) void this.end('time')
      else doing.timer = setTimeout(() => this.#look(doing), Math.max(leftMs, SOONEST_LOOK_MS))
    })
  }

  /** How long what is being done has run, at least. */
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
