import { fork } from 'node:child_process'
import { on, once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'

import type { Tally } from './arena.ts'
import type { FromAssault, RowName, Tallies, ToAssault } from './assault-contract.ts'

const RUN = fileURLToPath(new URL('../../run.mjs', import.meta.url))
const NAME = 'faults/attack/assault'
const STOP_LIMIT_MS = 30_000

/** The attackers, in a process of their own. */
export type Assault = AsyncDisposable & {
  /** Where the model listens that org B's agent asks. */
  readonly modelUrl: string
  begin(whom: Omit<Extract<ToAssault, { say: 'begin' }>, 'say'>): void
  /** The rows of the tables, once it has begun with those. */
  rows(): Promise<readonly RowName[]>
  /** Plays a row until it is told to rest, and then counts how it came out. */
  play(row: number): void
  rest(): Promise<Tally>
  /** How often what was tried so far. */
  readonly tallies: Tallies | null
  /** Which calls were answered with what nobody should read. */
  readonly leaks: readonly string[]
  stop(): Promise<void>
}

/** Starts them. What they do to themselves is no work of the host: they have the processor when nobody else wants it. */
export async function startAssault(): Promise<Assault> {
  const child = fork(RUN, [NAME], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW)
  const gone = once(child, 'exit')
  const ended = gone.then((): never => {
    throw new Error('the attackers ended')
  })
  ended.catch(() => undefined)
  let seen: { tallies: Tallies | null; leaks: readonly string[] } = { tallies: null, leaks: [] }
  const say = (message: ToAssault): void => void child.send(message)
  child.on('message', (message: FromAssault) => {
    if (message.say === 'tallies' || message.say === 'stopped') seen = message
  })
  const [ready] = (await Promise.race([once(child, 'message'), ended])) as [Extract<FromAssault, { say: 'ready' }>]
  const says = async <Say extends FromAssault['say']>(what: Say): Promise<Extract<FromAssault, { say: Say }>> => {
    for await (const [message] of on(child, 'message') as AsyncIterable<[FromAssault]>)
      if (message.say === what) return message as Extract<FromAssault, { say: Say }>
    return ended
  }
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    if (child.connected) say({ say: 'stop' })
    const last = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
    await gone
    clearTimeout(last)
  }
  return {
    modelUrl: ready.modelUrl,
    begin: whom => say({ say: 'begin', ...whom }),
    rows: async () => (await Promise.race([says('rows'), ended])).rows,
    play: row => say({ say: 'play', row }),
    rest: () => {
      const rested = Promise.race([says('rested'), ended])
      say({ say: 'rest' })
      return rested.then(({ tally }) => tally)
    },
    get tallies() {
      return seen.tallies
    },
    get leaks() {
      return seen.leaks
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
