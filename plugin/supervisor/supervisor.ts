import { createBackoff, type Backoff } from '../base/backoff.ts'
import { unreachable } from '../contract/errors/unreachable.ts'
import type { Gateway } from '../contract/gateway-protocol.ts'
import { networkRefusal } from '../contract/loopback.ts'
import { installGateway, InstallRefused } from './install-gateway.ts'
import { startGatewayChild, type GatewayChild, type GatewayOptions } from './child-process.ts'
import { createGatewayOutput, type GatewayOutput } from './child-output.ts'

/** The options for keeping the gateway running. */
export type SupervisorOptions = GatewayOptions & {
  /** The child accepts commands: called after its first start and after each later one. */
  readonly onReady: () => void
  /** The child has ended without having been asked to. */
  readonly onDown?: () => void
}

/** The parent's end of the gateway. */
export type Supervisor = Gateway & {
  /**
   * Extracts the gateway if needed, forks it and waits until it accepts commands. From then on it is restarted whenever it dies,
   * until `stop` is called. Idempotent.
   * @throws ChannelError `gateway_unreachable` with a sentence for a person; nothing is left running then.
   */
  start(): Promise<void>
  /** Asks the child to end, and kills it 3 s later. Idempotent. */
  stop(): Promise<void>
  /** The child's process id while it accepts commands, else null. */
  pid(): number | null
}

type SupervisorState = {
  readonly options: SupervisorOptions
  readonly output: GatewayOutput
  readonly backoff: Backoff
  /** The start under way or done; null while the gateway should not run. */
  startup: Promise<void> | null
  child: GatewayChild | null
  /** The launch under way; settled if there is none. */
  launching: Promise<void>
  /** The timer for the next start after the child has died. */
  retry: NodeJS.Timeout | undefined
}

/** Creates the supervisor. Nothing runs before `start`. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const output = createGatewayOutput(options.log)
  const backoff = createBackoff(Math.random)
  const state: SupervisorState = {
    options,
    output,
    backoff,
    startup: null,
    child: null,
    launching: Promise.resolve(),
    retry: undefined,
  }
  return {
    start: () => {
      state.startup ??= begin(state)
      return state.startup
    },
    stop: async () => {
      state.startup = null
      clearTimeout(state.retry)
      await state.launching
      await state.child?.stop()
    },
    pid: () => state.child?.pid ?? null,
    call: (name, input) => {
      if (!state.child) return Promise.reject(unreachable('starting'))
      return state.child.call(name, input)
    },
  }
}

async function begin(state: SupervisorState): Promise<void> {
  try {
    await (state.launching = launch(state))
  } catch (error) {
    state.startup = null
    state.launching = Promise.resolve()
    throw error
  }
}

async function launch(state: SupervisorState): Promise<void> {
  const { options, output } = state
  const child = await startGatewayChild(prepare(options), options, output)
  const readyAt = Date.now()
  state.child = child
  void child.gone.then(() => {
    state.child = null
    if (!state.startup) return
    options.log.warn({ dropped_lines: output.droppedLines() }, 'gateway ended')
    options.onDown?.()
    launchLater(state, Date.now() - readyAt)
  })
  options.log.info({ pid: child.pid }, 'gateway ready')
  if (state.startup) options.onReady()
}

function launchLater(state: SupervisorState, upForMs: number): void {
  const delayMs = state.backoff.next(upForMs)
  state.options.log.info({ delay_ms: delayMs }, 'gateway restarts')
  state.retry = setTimeout(() => {
    state.launching = launch(state).catch(() => {
      if (state.startup) launchLater(state, 0)
    })
  }, delayMs)
}

/** Refuses unsafe options before anything runs, and installs the gateway. */
function prepare({ network, stateFolder }: SupervisorOptions): string {
  const refusal = network && networkRefusal(network)
  if (refusal) throw unreachable('not_started', refusal)
  try {
    return installGateway(stateFolder)
  } catch (error) {
    if (error instanceof InstallRefused) throw unreachable('not_started', error.message)
    throw error
  }
}
