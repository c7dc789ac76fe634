import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { type ControlCall, controlCall } from '../../host-stub/whatsapp/client/control-call.ts'
import { type ControlClient, connectControl } from '../../host-stub/whatsapp/client/control-client.ts'
import { networkState } from '../../host-stub/whatsapp/contract/control-contract.ts'

/** The folder of the package: these programs run from below its dist/. */
export const root = packageRoot()
export const program = (path: string): string => join(root, 'dist', path)
const probe = fileURLToPath(new URL('./probe.js', import.meta.url))
const startLimitMs = 30_000
const stopLimitMs = 15_000

export type Network = AsyncDisposable & {
  readonly url: string
  readonly noiseRootKey: string
  readonly control: ControlClient
  readonly call: ControlCall
}

function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
}

/** The simulated WhatsApp, in a process of its own. */
export async function startNetwork(): Promise<Network> {
  const child = fork(program('host-stub/whatsapp/main.js'), [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const [message]: unknown[] = await once(child, 'message', { signal: AbortSignal.timeout(startLimitMs) })
  const state = networkState.parse(message)
  return {
    url: state.url,
    noiseRootKey: state.noise_root_key,
    control: connectControl(state),
    call: controlCall(state),
    [Symbol.asyncDispose]: () => end(child, 'SIGKILL'),
  }
}

/** The arguments and the variables with which a measured process is started. */
export function probed(folder: string, profiles: string | null): { execArgv: string[]; env: Record<string, string> } {
  const profile = profiles === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profiles}`]
  const env = { PATH: process.env['PATH'] ?? '', BENCH_PROBE: `${folder}|${profiles ?? ''}` }
  return { execArgv: ['--import', probe, ...profile], env }
}

/** Ends a process and waits until it is gone, by force when it takes too long. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  const last = setTimeout(() => child.kill('SIGKILL'), stopLimitMs)
  await gone
  clearTimeout(last)
}

type HostStart = { execArgv: readonly string[]; env: Record<string, string> }
type StartedHost = { child: ChildProcess; url: string }

/** Runs the built host until it says where it listens. */
export const startHostProcess = (start: HostStart, onLog: (line: string) => void): Promise<StartedHost> =>
  startByCommand([process.execPath, ...start.execArgv, program('host-stub/main.js')], start, onLog)

/** As {@link startHostProcess}, by a command of the package's folder, such as `npm start`. */
export async function startByCommand(
  [command = '', ...words]: readonly string[],
  { env }: Pick<HostStart, 'env'>,
  onLog: (line: string) => void,
): Promise<StartedHost> {
  const child = spawn(command, words, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  byLine(child.stderr, onLog)
  let printed = ''
  const listening = new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk
      const found = /^listening on (http:\S+)$/m.exec(printed)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('exit', () => reject(new Error('the host ended before it listened')))
    AbortSignal.timeout(startLimitMs).addEventListener('abort', () => reject(new Error('the host did not listen')))
  })
  try {
    return { child, url: await listening }
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

function byLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    lines.forEach(onLine)
  })
}
