import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

import type { LiveFinding } from '../../plugin/contract/live-check.ts'
import { linesOf } from '../texts/log-lines.ts'
import type { Environment } from '../terminal/terminal.ts'
import { type Finding, wrong } from './finding.ts'

/**
 * The WhatsApp protocol runs in a process of its own, as in the gateway: its libraries print keys, so this process must not load
 * them.
 */
const PACKAGE = dirname(createRequire(import.meta.url).resolve('@agentcy/whatsapp/package.json'))
const PROGRAM = join(PACKAGE, 'dist', 'gateway', 'live-check.js')
const LIMIT_MS = 90_000
const PASSED_ON = [
  'PATH',
  'NODE_EXTRA_CA_CERTS',
  'HTTPS_PROXY',
  'https_proxy',
  'WHATSAPP_WEB_SOCKET_URL',
  'WHATSAPP_NOISE_ROOT_KEY',
  'WHATSAPP_WEB_VERSION_URL',
] as const

/** Checks WhatsApp itself, without a linked account, and yields the finding of each step as soon as the step is done. */
export async function* lookLive(environment: Environment, signal: AbortSignal): AsyncGenerator<Finding> {
  const env = Object.fromEntries(PASSED_ON.flatMap(name => (environment[name] ? [[name, environment[name]]] : [])))
  const ended = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)])
  const child = spawn(process.execPath, [PROGRAM], { env, stdio: ['ignore', 'pipe', 'ignore'], signal: ended })
  const status = once(child, 'close').then(
    ([code]: (number | null)[]) => code ?? null,
    () => null,
  )
  for await (const line of linesOf(child.stdout)) {
    const finding = JSON.parse(line) as LiveFinding
    yield { ...finding, check: `whatsapp ${finding.check}` }
  }
  if ((await status) === 0) return
  yield wrong('whatsapp', 'The program that checks WhatsApp ended too early.', 'Reinstall the package and try again.')
}
