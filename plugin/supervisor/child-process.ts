import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'

import { ChannelError } from '../contract/errors/errors.ts'
import { unreachable } from '../contract/errors/unreachable.ts'
import {
  EXIT_CODES,
  PROTOCOL_VERSION,
  type AnswerEnvelope,
  type CommandEnvelope,
  type FromGateway,
  type Gateway,
  type GatewayEvent,
  type Hello,
  type LineTimes,
  type NetworkChoice,
  type QrTimes,
} from '../contract/gateway-protocol.ts'
import type { Log } from '../contract/host.ts'
import type { ClientVersion, VersionsInHand } from '../contract/web-version.ts'
import type { GatewayOutput } from './child-output.ts'

/** The options that a gateway is started with. */
export type GatewayOptions = {
  /** `$OPENFANG_HOME/whatsapp-gateway` */
  readonly stateFolder: string
  /** null for WhatsApp itself. */
  readonly network: NetworkChoice | null
  readonly qrTimes: QrTimes
  readonly lineTimes: LineTimes
  /** Called at each start. */
  readonly webVersion: () => VersionsInHand
  /** Whether read messages are also acknowledged, beside the receipt. */
  readonly messageAcks: boolean
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly log: Log
  readonly onEvent: (event: GatewayEvent) => void
  readonly onVersion: (version: ClientVersion) => void
}

/** One child process, from its `ready` to its end. */
export type GatewayChild = Gateway & {
  readonly pid: number | null
  /** Settles when the process is gone, for any reason. */
  readonly gone: Promise<void>
  /** Asks it to end, and kills it 3 s later. */
  stop(): Promise<void>
}

type Waiting = { readonly resolve: (output: unknown) => void; readonly reject: (error: Error) => void }

const HANDSHAKE_MS = 10_000
const STOP_MS = 3_000

/** The variables of the host's environment that the child gets. */
const PASSED_ON = ['PATH', 'TZ', 'LANG', 'LC_ALL', 'TMPDIR', 'NODE_EXTRA_CA_CERTS'] as const

const REFUSALS: Readonly<Record<number, string>> = {
  [EXIT_CODES.protocolMismatch]: 'The gateway speaks another version of the protocol. Install the plugin again.',
  [EXIT_CODES.networkRefused]: 'The gateway refuses a WhatsApp network that is not on loopback.',
  [EXIT_CODES.stateUnsafe]: 'The gateway refuses its state folder; the log names the path and its mode.',
}

/**
 * Forks the gateway and waits until it accepts commands.
 * @throws ChannelError `gateway_unreachable` if it does not within 10 s; it is killed then.
 */
export async function startGatewayChild(
  entry: string,
  options: GatewayOptions,
  output: GatewayOutput,
): Promise<GatewayChild> {
  const child = fork(entry, [], {
    cwd: options.stateFolder,
    env: Object.fromEntries(PASSED_ON.flatMap(name => pair(name, options.environment[name]))),
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  if (child.stdout) output.follow(child.stdout)
  if (child.stderr) output.follow(child.stderr)
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()).once('error', () => resolve()))
  await greet(child, options)
  return connected(child, gone, options)
}

const pair = (name: string, value: string | undefined): [string, string][] =>
  value === undefined ? [] : [[name, value]]

async function greet(child: ChildProcess, options: GatewayOptions): Promise<void> {
  const { stateFolder, network, qrTimes, lineTimes, messageAcks } = options
  const hello: Hello = {
    kind: 'hello',
    protocol: PROTOCOL_VERSION,
    authFolder: join(stateFolder, 'auth'),
    mediaFolder: join(stateFolder, 'media'),
    network,
    qrTimes,
    lineTimes,
    webVersion: options.webVersion(),
    traceFolder: options.environment['WHATSAPP_TRACE'] || null,
    messageAcks,
    logLevel: 'trace',
  }
  const refusal = await new Promise<string | null>(resolve => {
    const deadline = setTimeout(() => resolve('The gateway did not answer in time.'), HANDSHAKE_MS)
    const settle = (sentence: string | null): void => {
      clearTimeout(deadline)
      resolve(sentence)
    }
    child.once('message', message =>
      settle(isReady(message as FromGateway) ? null : refusalOf(EXIT_CODES.protocolMismatch)),
    )
    child.once('exit', code => settle(refusalOf(code)))
    child.once('error', () => settle(refusalOf(null)))
    child.send(hello, () => undefined)
  })
  if (refusal === null) return
  child.kill('SIGKILL')
  throw unreachable('not_started', refusal)
}

const isReady = (message: FromGateway): boolean => message.kind === 'ready' && message.protocol === PROTOCOL_VERSION

const refusalOf = (code: number | null): string =>
  REFUSALS[code ?? -1] ?? 'The gateway ended before it took commands. Its log says why.'

function connected(child: ChildProcess, gone: Promise<void>, { onEvent, onVersion }: GatewayOptions): GatewayChild {
  const calls = new Map<number, Waiting>()
  let lastCall = 0
  child.on('message', message => {
    const said = message as FromGateway
    if (said.kind === 'event') onEvent(said)
    else if (said.kind === 'answer') settle(calls, said)
    else if (said.kind === 'web_version') onVersion(said)
  })
  void gone.then(() => {
    for (const { reject } of calls.values()) reject(unreachable('starting'))
    calls.clear()
  })
  const call: Gateway['call'] = (name, input) =>
    new Promise((resolve, reject) => {
      const id = (lastCall += 1)
      calls.set(id, { resolve: resolve as Waiting['resolve'], reject })
      const envelope: CommandEnvelope = { kind: 'command', id, name, input }
      child.send(envelope, error => {
        if (error && calls.delete(id)) reject(unreachable('starting'))
      })
    })
  return {
    pid: child.pid ?? null,
    gone,
    call,
    stop: async () => {
      const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
      await call('stop', null).catch(() => undefined)
      await gone
      clearTimeout(deadline)
    },
  }
}

type Refused = Extract<AnswerEnvelope, { ok: false }>['error']

function settle(calls: Map<number, Waiting>, answer: AnswerEnvelope): void {
  const waiting = calls.get(answer.id)
  calls.delete(answer.id)
  if (answer.ok) waiting?.resolve(answer.output)
  else waiting?.reject(errorIn(answer.error))
}

const errorIn = ({ code, message, reason }: Refused): ChannelError =>
  new ChannelError(code, message, reason === undefined ? {} : { reason })
