/**
 * Entry of the child process. The order matters: nothing may print, and libsignal must be strict, before any module of
 * Baileys is evaluated; so those are imported only afterwards.
 */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'

import { EXIT_CODES, PROTOCOL_VERSION, type FromGateway, type ToGateway } from '../contract/gateway-protocol.ts'
import { networkRefusal } from '../contract/loopback.ts'
import { ensurePrivateFolder } from '../files/private-path.ts'
import { shareAsyncContext } from './async-context.ts'
import { hardenLibsignal } from './signal/curve.ts'
import { createGatewayLog } from './gateway-log.ts'
import { silence } from './mute-console.ts'

process.umask(0o077)
// After a long queue, the heap would otherwise stay at almost three times the size in use (test/bench, offline row).
setFlagsFromString('--heap-growing-percent=50')
silence()
shareAsyncContext()
hardenLibsignal()

/** Beside this program where it is bundled; the code that uses it may be in another file then. */
const DECODER = new URL('./convert/decoder.js', import.meta.url)
/** How long the accounts have to disconnect once the parent is gone. */
const ORPHAN_MS = 800

// Ctrl+C and a closed terminal reach the whole process group; the parent decides when to disconnect.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)

process.once('message', message => void begin(message as ToGateway))
process.once('disconnect', () => process.exit(EXIT_CODES.stopped))
if (!process.connected) process.exit(EXIT_CODES.stopped)

async function begin(hello: ToGateway): Promise<void> {
  if (hello.kind !== 'hello' || hello.protocol !== PROTOCOL_VERSION) process.exit(EXIT_CODES.protocolMismatch)
  const log = createGatewayLog(hello.logLevel)
  const refusal = hello.network && networkRefusal(hello.network)
  if (refusal) return refuse(EXIT_CODES.networkRefused, refusal)
  const fault = ensurePrivateFolder(hello.authFolder) ?? emptiedFault(hello.mediaFolder)
  if (fault) return refuse(EXIT_CODES.stateUnsafe, fault)

  const { hardenHandshake, rootKeyInForce } = await import('./connection/server-certificate.ts')
  const { createCommands } = await import('./account/commands.ts')
  const { keepSalts } = await import('./recipients/nct-salt.ts')
  hardenHandshake(hello.network ? Buffer.from(hello.network.noiseRootKey, 'hex') : null, Date.now)
  keepSalts()
  const commands = createCommands({ hello, decoder: DECODER, log, send, noiseRoot: rootKeyInForce() })

  process.on('message', message => {
    const envelope = message as ToGateway
    if (envelope.kind !== 'command') return
    void commands.answer(envelope).then(answer => {
      if (envelope.name === 'stop') return sendLast(answer)
      return send(answer)
    })
  })
  process.removeAllListeners('disconnect')
  process.once('disconnect', () => {
    setTimeout(() => process.exit(EXIT_CODES.stopped), ORPHAN_MS)
    void commands.close().finally(() => process.exit(EXIT_CODES.stopped))
  })
  process.on('unhandledRejection', reason => {
    log.warn({ kind: reason instanceof Error ? reason.name : typeof reason }, 'unhandled rejection')
  })
  send({ kind: 'ready', protocol: PROTOCOL_VERSION })

  function refuse(code: number, sentence: string): void {
    log.error({ detail: sentence }, 'gateway not started')
    process.exit(code)
  }
}

/**
 * Empties the folder and returns its fault, if any. Files left there were in transit when an earlier gateway ended, and are fetched
 * again.
 */
function emptiedFault(folder: string): string | null {
  const fault = ensurePrivateFolder(folder)
  if (fault) return fault
  for (const left of readdirSync(folder)) rmSync(join(folder, left), { recursive: true, force: true })
  return null
}

function send(message: FromGateway): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

function sendLast(message: FromGateway): void {
  const leave = (): never => process.exit(EXIT_CODES.stopped)
  if (process.connected) process.send?.(message, undefined, undefined, leave)
  else leave()
}
