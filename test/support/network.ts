import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { controlCall } from '../../host-stub/whatsapp/client/control-call.ts'
import { connectControl, type ControlClient } from '../../host-stub/whatsapp/client/control-client.ts'
import { networkState, type NetworkState } from '../../host-stub/whatsapp/contract/control-contract.ts'
import { isScanned, plant } from './printed.ts'
import { temporaryFolder } from './temporary-folder.ts'

export type { Heard, LedgerPage, MessageRecord } from '../../host-stub/whatsapp/world/ledger.ts'
export type { GroupCharacter, PhoneCharacter } from '../../host-stub/whatsapp/client/phone-character.ts'

export interface NetworkStart {
  /** How long the first QR code counts and each that follows, in milliseconds; the real ones by default. */
  qrValidity?: [firstMs: number, nextMs: number]
  /** Whether it carries files; none by default. */
  media?: boolean
}

/** A simulated WhatsApp in a process of its own, gone at the end of the test. */
export interface RunningNetwork extends ControlClient, AsyncDisposable {
  url: string
  /** Hex, 32 bytes. */
  noiseRootKey: string
  /** Where it says which version of the web client is the newest. */
  versionUrl: string
  /** What a gateway needs in its environment to use this network. */
  environment: Record<string, string>
  state: NetworkState
  pid: number
  /** Cuts all lines and forgets everybody; fails the test when a client said something that the network does not know. */
  empty(): Promise<void>
}

const program = fileURLToPath(new URL('../../dist/host-stub/whatsapp/main.js', import.meta.url))
const startTimeoutMs = 20_000

/** Starts a network. Its disposal fails the test when a client said something that the network does not know. */
export async function startNetwork({
  qrValidity = [60_000, 20_000],
  media = false,
}: NetworkStart = {}): Promise<RunningNetwork> {
  if (!existsSync(program)) throw new Error('the network is not built: run `npm run build` first')
  const folder = media ? await temporaryFolder() : null
  const mediaOption = folder ? ['--media', folder.path] : []
  const child = fork(program, ['--qr-validity', qrValidity.join(','), ...mediaOption], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const state = await readyState(child)
  const control = connectControl(state)
  return {
    ...control,
    url: state.url,
    noiseRootKey: state.noise_root_key,
    versionUrl: state.version_url,
    environment: {
      WHATSAPP_WEB_SOCKET_URL: state.url,
      WHATSAPP_NOISE_ROOT_KEY: state.noise_root_key,
      WHATSAPP_WEB_VERSION_URL: state.version_url,
      ...(state.media && { NODE_EXTRA_CA_CERTS: state.media.ca_file }),
    },
    state,
    pid: child.pid ?? 0,
    empty: async () => {
      if (isScanned) await plantWhatWasSaid(control)
      const unknown = await control.unknown()
      await controlCall(state)('world/empty', {})
      refuseUnknown(unknown)
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) throw new Error('the network ended by itself')
      if (isScanned) await plantWhatWasSaid(control)
      const unknown = await unknownThenStop(control, child)
      await folder?.[Symbol.asyncDispose]()
      refuseUnknown(unknown)
    },
  }
}

function refuseUnknown(unknown: readonly unknown[]): void {
  if (unknown.length > 0) throw new Error(`the network did not understand: ${JSON.stringify(unknown)}`)
}

/** Phone numbers, and texts that are long enough not to be found by chance. */
async function plantWhatWasSaid(control: ControlClient): Promise<void> {
  for (const phone of await control.phones()) {
    plant(phone.phone.slice(1))
    for (const { text } of await phone.heard()) if (/\S{2} \S.{8}/.test(text)) plant(text)
  }
}

async function readyState(child: ChildProcess): Promise<NetworkState> {
  const message = once(child, 'message', { signal: AbortSignal.timeout(startTimeoutMs) })
  const exit = once(child, 'exit').then(() => {
    throw new Error('the network ended before it was ready')
  })
  const [state] = (await Promise.race([message, exit])) as [unknown]
  return networkState.parse(state)
}

async function unknownThenStop(control: ControlClient, child: ChildProcess) {
  try {
    return await control.unknown()
  } finally {
    await stop(child)
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
