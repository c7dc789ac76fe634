import { setTimeout as pause } from 'node:timers/promises'

import { startHost, type HostAnswer, type HostProcess } from '../../support/host-process.ts'
import type { RunningNetwork } from '../../support/network.ts'

/** A host that is started again whenever it dies, as whoever keeps a server running would do. */
export type SurvivingHost = AsyncDisposable & {
  /** How often it was started. */
  readonly lives: number
  readonly pid: number
  /** Repeats the call, as a real client does, until an answer arrives that is not a breakdown. */
  call(method: string, path: string, sent?: { body?: unknown; headers?: Record<string, string> }): Promise<HostAnswer>
  /** All that it has printed. */
  logs(): string
  kill(): Promise<void>
}

type HostPlace = {
  readonly network: RunningNetwork
  readonly home: string
  readonly token: string
  readonly env: Record<string, string>
  readonly root?: string
}

type Life = {
  current: Promise<HostProcess>
  host: HostProcess | null
  lives: number
  stopping: boolean
  printed: string
}

const CALL_PATIENCE_MS = 30_000
const PAUSE_MS = 25
const MOST_STARTS = 8

export async function startSurvivingHost(place: HostPlace): Promise<SurvivingHost> {
  const life: Life = {
    current: Promise.reject(new Error('not started')),
    host: null,
    lives: 0,
    stopping: false,
    printed: '',
  }
  life.current.catch(() => undefined)
  life.current = begin(place, life)
  await life.current
  return {
    get lives() {
      return life.lives
    },
    get pid() {
      return life.host?.pid ?? -1
    },
    call: (method, path, sent) => callUntilAnswered(life, { method, path, sent }),
    logs: () => life.printed + (life.host?.logs() ?? ''),
    kill: async () => void (await (await life.current).kill('SIGKILL')),
    [Symbol.asyncDispose]: async () => {
      life.stopping = true
      const host = await life.current.catch(() => null)
      await host?.[Symbol.asyncDispose]()
    },
  }
}

/** Starts it until it listens: a planned death may come before that. */
async function begin({ network, ...place }: HostPlace, life: Life): Promise<HostProcess> {
  for (let attempt = 1; ; attempt += 1) {
    life.lives += 1
    try {
      const host = await startHost({ ...place, network })
      life.host = host
      void host.gone.then(() => {
        if (life.stopping) return
        life.printed += host.logs()
        life.host = null
        life.current = begin({ network, ...place }, life)
        life.current.catch(() => undefined)
      })
      return host
    } catch (error) {
      life.printed += String(error)
      if (attempt === MOST_STARTS || life.stopping) throw error
    }
  }
}

type Call = { readonly method: string; readonly path: string; readonly sent: Parameters<SurvivingHost['call']>[2] }

async function callUntilAnswered(life: Life, { method, path, sent }: Call): Promise<HostAnswer> {
  const endAt = Date.now() + CALL_PATIENCE_MS
  for (;;) {
    const host = await life.current
    const answer = await host.request(method, path, sent).catch(() => null)
    if (answer && answer.status < 500) return answer
    if (Date.now() >= endAt) throw new Error(`no answer to ${method} ${path}: ${answer?.status ?? 'no connection'}`)
    await pause(PAUSE_MS)
  }
}
