import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { HostPage } from './agentcy/host-page.ts'
import { prepareFolder, StartRefused } from './agentcy/private-folder.ts'
import type { Environment } from './agentcy/host.ts'
import { homeFrom } from './agentcy/running-host.ts'
import { createPhonePanel } from './phone-panel.ts'
import { type ControlClient, connectControl } from './whatsapp/client/control-client.ts'
import { networkState, type NetworkState } from './whatsapp/contract/control-contract.ts'

const PROGRAM = fileURLToPath(new URL('./whatsapp/main.js', import.meta.url))
const START_LIMIT_MS = 20_000
const PROBE_LIMIT_MS = 1_000

/** A simulated WhatsApp in its own process, and the environment for a host that uses it. */
export type Simulation = {
  readonly environment: Environment
  readonly control: ControlClient
  /** The page on which people use its phones. */
  readonly panel: HostPage
  /** `127.0.0.1:<port>`, for each port that it opened. */
  readonly addresses: readonly string[]
  stop(): Promise<void>
}

/** Separate homes, so that a simulated network never touches real credentials. */
function simulatedHomes(environment: Environment): { agentcy: string; openfang: string } {
  const home = homeFrom(environment)
  prepareFolder(home)
  const openfang = resolve(environment['OPENFANG_HOME'] ?? join(homedir(), '.openfang'))
  return { agentcy: join(home, 'simulated'), openfang: join(openfang, 'simulated') }
}

function stateIn(file: string): NetworkState | null {
  try {
    return networkState.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

/** Refuses to start a second network in the same home, because the two would delete each other's data. */
async function refuseSecond(stateFile: string): Promise<void> {
  const state = stateIn(stateFile)
  if (!state) return
  const answers = await fetch(`${state.control}/shown/read`, {
    method: 'POST',
    headers: { authorization: `Bearer ${state.control_token}`, 'content-type': 'application/json' },
    body: '{}',
    signal: AbortSignal.timeout(PROBE_LIMIT_MS),
  }).then(
    ({ ok }) => ok,
    () => false,
  )
  if (answers) throw new StartRefused('A simulated network is running in this home already. End it first.')
}

/** Empties a home. Each network has a new root key, so data about the phones of an earlier one is useless. */
function emptied(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
}

async function readyState(child: ChildProcess): Promise<NetworkState> {
  const message = once(child, 'message', { signal: AbortSignal.timeout(START_LIMIT_MS) })
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('ended')))
  try {
    const [state]: unknown[] = await Promise.race([message, ended])
    return networkState.parse(state)
  } catch {
    child.kill('SIGKILL')
    throw new StartRefused('The simulated network did not start.')
  }
}

function addressesOf({ url, control, media }: NetworkState): string[] {
  const files = media ? [media.host] : []
  return [...new Set([new URL(url).host, new URL(control).host, ...files])]
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/**
 * Starts the simulated network. It runs in its own process group, so that Ctrl+C reaches the host first. It ends together with this
 * process, however that ends, because the channel between the two closes.
 */
export async function startSimulation(environment: Environment): Promise<Simulation> {
  const homes = simulatedHomes(environment)
  const stateFile = join(homes.agentcy, 'network.json')
  await refuseSecond(stateFile)
  for (const home of Object.values(homes)) emptied(home)
  const { PATH, HOME } = environment
  const media = join(homes.agentcy, 'media')
  mkdirSync(media, { mode: 0o700 })
  const child = fork(PROGRAM, ['--state-file', stateFile, '--media', media], {
    env: { PATH, HOME },
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const state = await readyState(child)
  return {
    environment: {
      WHATSAPP_PACING: 'off',
      ...environment,
      AGENTCY_HOME: homes.agentcy,
      OPENFANG_HOME: homes.openfang,
      WHATSAPP_WEB_SOCKET_URL: state.url,
      WHATSAPP_NOISE_ROOT_KEY: state.noise_root_key,
      WHATSAPP_WEB_VERSION_URL: state.version_url,
      ...(state.media && { NODE_EXTRA_CA_CERTS: state.media.ca_file }),
    },
    control: connectControl(state),
    panel: createPhonePanel(state),
    addresses: addressesOf(state),
    stop: () => stop(child),
  }
}
