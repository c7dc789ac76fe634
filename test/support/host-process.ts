import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { loginSecrets } from './login-secrets.ts'
import { isScanned, keepPrinted, plant } from './printed.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TOKEN_CLI = fileURLToPath(new URL('../../dist/host-stub/agentcy/token-cli.js', import.meta.url))
const START_LIMIT_MS = 30_000
const STOP_LIMIT_MS = 10_000
const KEPT_VARIABLES = ['PATH', 'LANG', 'TZ', 'TMPDIR', 'NODE_EXTRA_CA_CERTS', 'CONNECT_LEDGER']
const CONNECT_HOOK = new URL('./connect-hook.mjs', import.meta.url).href

/** How a host is started for a test. */
export type HostProcessStart = {
  /** The simulated network that it talks to: the address, and the root of its certificates in hex. */
  readonly network?: {
    readonly url: string
    readonly noiseRootKey: string
    readonly environment?: Readonly<Record<string, string>>
  }
  /** A folder of an earlier host; a temporary one, removed at the end, when left out. */
  readonly home?: string
  /** More variables of the environment; only PATH and the like are passed on by themselves. */
  readonly env?: Readonly<Record<string, string>>
  /** The owner token of `org_local`; a random one when left out. */
  readonly token?: string
  /** More arguments: `--simulate`. */
  readonly args?: readonly string[]
  /** The package whose build is started; this one when left out. */
  readonly root?: string
}

/** An answer, with its body parsed when it is JSON. */
export type HostAnswer = { readonly status: number; readonly headers: Headers; readonly body: unknown }

/** The built host as a process of its own, on a free port. */
export type HostProcess = AsyncDisposable & {
  readonly url: string
  readonly token: string
  readonly pid: number
  /** Settles with the status, or the signal's name, when the process that runs now is gone. */
  readonly gone: Promise<number | string>
  /** Holds `agentcy`, `openfang` and is `HOME`. */
  readonly home: string
  /** All that it has printed: stdout and stderr, of every process of this host that was started so far. */
  logs(): string
  /** Calls it as the owner; `headers` override, an empty one is left out. */
  request(
    method: string,
    path: string,
    more?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<HostAnswer>
  /** A new token, by the command that mints them. */
  mintToken(org: string, role: string): Promise<string>
  /** Revokes a token that was minted here. */
  revokeToken(token: string): Promise<void>
  /** What the operator writes into `settings.json`. */
  writeSettings(settings: unknown): Promise<void>
  /** Ends it by a signal and waits until it is gone; gives the status, or the signal's name. */
  kill(signal: NodeJS.Signals): Promise<number | string>
  /** Ends it (SIGTERM unless killed before) and starts it again on the same homes. */
  restart(): Promise<void>
}

type Started = { readonly child: ChildProcess; readonly url: string; readonly gone: Promise<number | string> }

function environmentOf(start: HostProcessStart, home: string, token: string): Record<string, string> {
  const kept = KEPT_VARIABLES.flatMap(name => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const network = start.network && {
    WHATSAPP_WEB_SOCKET_URL: start.network.url,
    WHATSAPP_NOISE_ROOT_KEY: start.network.noiseRootKey,
    ...start.network.environment,
  }
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    AGENTCY_HOME: join(home, 'agentcy'),
    OPENFANG_HOME: join(home, 'openfang'),
    AGENTCY_TOKEN: token,
    PORT: '0',
    WHATSAPP_PACING: start.network ? 'off' : 'on',
    ...network,
    ...(isScanned ? { LOG_LEVEL: 'trace' } : {}),
    ...start.env,
    NODE_OPTIONS: ['--import', CONNECT_HOOK, start.env?.['NODE_OPTIONS'] ?? ''].join(' ').trim(),
  }
}

/** Runs the built program and waits for the line that says where it listens. */
async function launch(
  words: readonly string[],
  env: Record<string, string>,
  print: (text: string) => void,
): Promise<Started> {
  const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const gone = once(child, 'exit').then(([code, signal]: (number | string | null)[]) => signal ?? code ?? 'unknown')
  let printed = ''
  const listening = new Promise<string>(resolve => {
    const read = (chunk: string): void => {
      printed += chunk
      print(chunk)
      const found = /^listening on (http:\S+)$/m.exec(printed)?.[1]
      if (found !== undefined) resolve(found)
    }
    child.stdout.setEncoding('utf8').on('data', read)
    child.stderr.setEncoding('utf8').on('data', read)
  })
  let patience: NodeJS.Timeout | undefined
  const overdue = new Promise<never>((_resolve, reject) => {
    patience = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`the host did not listen within ${START_LIMIT_MS} ms:\n${printed}`))
    }, START_LIMIT_MS)
  })
  const url = await Promise.race([
    listening,
    overdue,
    gone.then(status => Promise.reject(new Error(`the host ended with ${status} before it listened:\n${printed}`))),
  ]).finally(() => clearTimeout(patience))
  return { child, url, gone }
}

/** What `npm run token` prints: the token on stdout, and its id before the first colon of stderr. */
async function tokenCommand(home: string, words: string[]): Promise<{ token: string; id: string }> {
  const env = { ...process.env, AGENTCY_HOME: join(home, 'agentcy') }
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [TOKEN_CLI, ...words], { env })
  return { token: stdout.trim(), id: stderr.split(':', 1).join('') }
}

async function end({ child, gone }: Started, signal: NodeJS.Signals): Promise<number | string> {
  if (child.exitCode !== null || child.signalCode !== null) return gone
  child.kill(signal)
  const last = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
  try {
    return await gone
  } finally {
    clearTimeout(last)
  }
}

async function call(
  url: string,
  method: string,
  sent: { body?: unknown; headers: Record<string, string> },
): Promise<HostAnswer> {
  const json = sent.body === undefined ? {} : { 'content-type': 'application/json' }
  const headers = Object.entries({ ...json, ...sent.headers }).filter(([, value]) => value !== '')
  const response = await fetch(url, {
    method,
    headers: Object.fromEntries(headers),
    ...(sent.body === undefined ? {} : { body: JSON.stringify(sent.body) }),
  })
  const text = await response.text()
  keepPrinted(`${method} ${url}`)
  if (response.status >= 400) keepPrinted(text)
  const isJson = response.headers.get('content-type')?.includes('json') === true && text !== ''
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
}

/**
 * Starts the built host (`npm run build` first) with homes of its own: `await using host = await startHost({ network })`.
 * Leaving the block ends it and removes the homes.
 */
export async function startHost(start: HostProcessStart = {}): Promise<HostProcess> {
  const home = start.home ?? (await mkdtemp(join(tmpdir(), 'host-')))
  const token = start.token ?? `test-${randomBytes(24).toString('base64url')}`
  const tokenIds = new Map<string, string>()
  const main = join(start.root ?? ROOT, 'dist', 'host-stub', 'main.js')
  let printed = ''
  const print = (text: string): void => {
    printed += text
    keepPrinted(text)
  }
  plant(token)
  const begin = (): Promise<Started> => launch([main, ...(start.args ?? [])], environmentOf(start, home, token), print)
  const discard = async (): Promise<void> => {
    if (start.home === undefined) await rm(home, { recursive: true, force: true })
  }
  let started = await begin().catch(async (error: unknown) => {
    await discard()
    throw error
  })
  return {
    get url() {
      return started.url
    },
    get pid() {
      return started.child.pid ?? -1
    },
    get gone() {
      return started.gone
    },
    token,
    home,
    logs: () => printed,
    request: (method, path, { body, headers = {} } = {}) =>
      call(`${started.url}${path}`, method, { body, headers: { authorization: `Bearer ${token}`, ...headers } }),
    async mintToken(org, role) {
      const minted = await tokenCommand(home, ['--org', org, '--role', role])
      tokenIds.set(minted.token, minted.id)
      plant(minted.token)
      return minted.token
    },
    async revokeToken(minted) {
      await tokenCommand(home, ['--revoke', tokenIds.get(minted) ?? ''])
    },
    writeSettings: settings =>
      writeFile(join(home, 'agentcy', 'settings.json'), JSON.stringify(settings), { mode: 0o600 }),
    kill: signal => end(started, signal),
    async restart() {
      await end(started, 'SIGTERM')
      started = await begin()
    },
    async [Symbol.asyncDispose]() {
      await end(started, 'SIGTERM')
      if (isScanned) loginSecrets(join(home, 'openfang', 'whatsapp-gateway', 'auth')).forEach(plant)
      await discard()
    },
  }
}
