import { createBackoff, type Backoff } from '../base/backoff.ts'
import { unreachable } from '../contract/errors/unreachable.ts'
import type { Gateway } from '../contract/gateway-protocol.ts'
import { networkRefusal } from '../contract/loopback.ts'
import { installGateway, InstallRefused } from './install-gateway.ts'
import { startGatewayChild, type GatewayChild, type GatewayOptions } from './child-process.ts'
import { createGatewayOutput, type GatewayOutput } from './child-output.ts'

/** What the gateway is kept running with. */
export type SupervisorOptions = GatewayOptions & {
  /** The child takes commands: told after its first start and after each later one. */
  readonly onReady: () => void
  /** The child is gone without having been asked to. */
  readonly onDown?: () => void
}

/** The parent's end of the gateway. */
export type Supervisor = Gateway & {
  /**
   * Extracts the gateway when needed, forks it and waits until it takes commands. From then on it is started again
   * whenever it dies, for as long as it is not stopped. Idempotent.
   * @throws ChannelError `gateway_unreachable` with a sentence for a person; nothing is left running then.
   */
  start(): Promise<void>
  /** Asks the child to end and, 3 s later, ends it. Idempotent. */
  stop(): Promise<void>
  /** The child's process id while it takes commands, else null. */
  pid(): number | null
}

type Life = {
  readonly options: SupervisorOptions
  readonly output: GatewayOutput
  readonly backoff: Backoff
  /** The start under way or done; null while it is not meant to run. */
  started: Promise<void> | null
  child: GatewayChild | null
  /** The process that is being forked now; settled when nothing is. */
  launching: Promise<void>
  /** The next start after a death. */
  retry: NodeJS.Timeout | undefined
}

/** Makes the supervisor; nothing runs before its start. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const output = createGatewayOutput(options.log)
  const backoff = createBackoff(Math.random)
  const life: Life = {
    options,
    output,
    backoff,
    started: null,
    child: null,
    launching: Promise.resolve(),
    retry: undefined,
  }
  return {
    start: () => {
      life.started ??= begin(life)
      return life.started
    },
    stop: async () => {
      life.started = null
      clearTimeout(life.retry)
      await life.launching
      await life.child?.stop()
    },
    pid: () => life.child?.pid ?? null,
    call: (name, input) => {
      if (!life.child) return Promise.reject(unreachable('starting'))
      return life.child.call(name, input)
    },
  }
}

async function begin(life: Life): Promise<void> {
  try {
    await (life.launching = launch(life))
  } catch (error) {
    life.started = null
    life.launching = Promise.resolve()
    throw error
  }
}

async function launch(life: Life): Promise<void> {
  const { options, output } = life
  const child = await startGatewayChild(prepare(options), options, output)
  const readyAt = Date.now()
  life.child = child
  void child.gone.then(() => {
    life.child = null
    if (!life.started) return
    options.log.warn({ dropped_lines: output.droppedLines() }, 'gateway_down')
    options.onDown?.()
    launchLater(life, Date.now() - readyAt)
  })
  options.log.info({ pid: child.pid }, 'gateway_ready')
  if (life.started) options.onReady()
}

function launchLater(life: Life, upForMs: number): void {
  const delayMs = life.backoff.next(upForMs)
  life.options.log.info({ delay_ms: delayMs }, 'gateway_restart')
  life.retry = setTimeout(() => {
    life.launching = launch(life).catch(() => {
      if (life.started) launchLater(life, 0)
    })
  }, delayMs)
}

/** Refuses what must not run, before anything of it does. */
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
