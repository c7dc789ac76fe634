import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'

const usage = 'usage: main.js [--port 0] [--qr-validity 60000,20000] [--state-file network.json] [--media folder]'

/** libsignal prints sessions with their private keys. This process must print nothing except the ready line. */
function muteConsole(): void {
  for (const level of ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const) console[level] = () => undefined
}

function dieWithStarter(): void {
  const leave = () => process.exit(0)
  process.on('disconnect', leave)
  if (process.send === undefined && !process.stdin.isTTY) process.stdin.on('end', leave).on('error', leave).resume()
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      'qr-validity': { type: 'string', default: '60000,20000' },
      'state-file': { type: 'string' },
      media: { type: 'string' },
    },
  })
  const [firstMs, nextMs] = values['qr-validity'].split(',').map(Number)
  const port = Number(values.port)
  if (!Number.isInteger(port) || !firstMs || !nextMs) throw new Error(usage)
  return { port, qrValidity: { firstMs, nextMs }, stateFile: values['state-file'], mediaFolder: values.media ?? null }
}

muteConsole()
const { stateFile, ...options } = readArguments()
// In this order, before Baileys and libsignal are loaded; the first module explains why.
await import('./crypto/native-curve.ts')
const { openNetwork } = await import('./network.ts')
const state = await openNetwork(options)
const written = `${JSON.stringify(state)}\n`
if (stateFile !== undefined) await writeFile(stateFile, written, { mode: 0o600 })
dieWithStarter()
process.stdout.write(written)
process.send?.(state)
