import type { Environment } from '../config/environment.ts'
import type { Settings } from '../config/settings.ts'
import { createBackoff } from '../base/backoff.ts'
import { errorFields } from '../contract/errors/error-fields.ts'
import { ChannelError } from '../contract/errors/errors.ts'
import { unreachable } from '../contract/errors/unreachable.ts'
import {
  type CommandName,
  type Gateway,
  type GatewayCommands,
  type GatewayEvent,
  LINE_TIMES,
} from '../contract/gateway-protocol.ts'
import type { Host } from '../contract/host.ts'
import type { ClientVersion, KnownVersion } from '../contract/web-version.ts'
import { createSupervisor, type Supervisor } from './supervisor.ts'

/** Notified of what happens in the gateway. */
export type GatewayListener = {
  onEvent(event: GatewayEvent): void
  /** The gateway has started, for the first time or again. It has no account open. */
  onReady(): void
  onDown(): void
  /** The version that the gateway announces to WhatsApp from now on. */
  onVersion(version: ClientVersion): void
}

/** The settings that need a restart of the gateway when they change. */
export type GatewayClientSettings = Pick<Settings, 'qrTimes' | 'webVersion'>

/** What the client needs. */
export type GatewayClientParts = {
  readonly host: Host
  readonly environment: Environment
  readonly settings: GatewayClientSettings
  /** The version that WhatsApp accepted last; null if none yet. */
  readonly accepted: () => KnownVersion | null
}

/** The connection to the gateway. It outlives the supervisor, which is replaced when one of these settings changes. */
export class GatewayClient implements Gateway {
  readonly #host: Host
  readonly #environment: Environment
  readonly #accepted: () => KnownVersion | null
  #listener: GatewayListener | null = null
  #settings: GatewayClientSettings
  #supervisor: Supervisor | null = null
  readonly #backoff = createBackoff(Math.random)
  #retry: NodeJS.Timeout | null = null
  #ended = false
  #downSince: number | null = null

  constructor({ host, environment, settings, accepted }: GatewayClientParts) {
    this.#host = host
    this.#environment = environment
    this.#accepted = accepted
    this.#settings = settings
  }

  /** Since when the gateway is down although it should run, in ms UTC; null while it runs, or need not. */
  get downSince(): number | null {
    return this.#downSince
  }

  /** Must be called before {@link start}. */
  listen(listener: GatewayListener): void {
    this.#listener = listener
  }

  /** Starts the gateway; does nothing if it runs. */
  async start(): Promise<void> {
    if (this.#ended) throw new ChannelError('stopping')
    this.#supervisor ??= this.#create()
    await this.#supervisor.start()
  }

  /** Starts the gateway in the background, and retries until it runs. */
  startSoon(): void {
    this.start().catch((error: unknown) => {
      if (this.#ended) return
      const delayMs = this.#backoff.next(0)
      this.#host.log.error({ ...errorFields(error), delay_ms: delayMs }, 'gateway not started')
      this.#down()
      this.#retry = setTimeout(() => this.startSoon(), delayMs)
    })
  }

  /** Whether these settings need a new gateway process. */
  needsAnother({ qrTimes, webVersion }: GatewayClientSettings): boolean {
    const { qrTimes: before } = this.#settings
    const sameTimes = qrTimes.firstMs === before.firstMs && qrTimes.nextMs === before.nextMs
    return this.#supervisor !== null && (!sameTimes || webVersion !== this.#settings.webVersion)
  }

  /** Puts the settings into force. Resolves with true if that needed a new gateway, which then opens all accounts by itself. */
  async reconfigure({ qrTimes, webVersion }: GatewayClientSettings): Promise<boolean> {
    const isNew = this.needsAnother({ qrTimes, webVersion })
    this.#settings = { qrTimes, webVersion }
    if (!isNew) return false
    await this.#stop()
    await this.start()
    return true
  }

  /** Stops the gateway for good. */
  async end(): Promise<void> {
    this.#ended = true
    if (this.#retry) clearTimeout(this.#retry)
    await this.#stop()
  }

  call<Name extends CommandName>(
    name: Name,
    input: GatewayCommands[Name]['input'],
  ): Promise<GatewayCommands[Name]['output']> {
    if (!this.#supervisor) return Promise.reject(unreachable('not_started'))
    return this.#supervisor.call(name, input)
  }

  #down(): void {
    this.#downSince ??= Date.now()
    this.#listener?.onDown()
  }

  async #stop(): Promise<void> {
    const supervisor = this.#supervisor
    this.#supervisor = null
    await supervisor?.stop()
  }

  #create(): Supervisor {
    const { log, environment } = this.#host
    const { stateFolder, network } = this.#environment
    return createSupervisor({
      stateFolder,
      network,
      environment,
      log,
      qrTimes: this.#settings.qrTimes,
      lineTimes: LINE_TIMES,
      webVersion: () => ({ pinned: this.#settings.webVersion, accepted: this.#accepted() }),
      messageAcks: this.#environment.messageAcks,
      onEvent: event => this.#listener?.onEvent(event),
      onReady: () => {
        this.#downSince = null
        this.#listener?.onReady()
      },
      onDown: () => this.#down(),
      onVersion: version => this.#listener?.onVersion(version),
    })
  }
}
