import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { hostCalls, startPairing } from './host-calls.ts'
import { hostStart } from './ours.ts'
import { temporaryPlace } from './place.ts'
import { end, type Network, startByCommand, startHostProcess } from './processes.ts'
import type { Measured } from './rows.ts'

/** From the start of the host's process to its first answer: in a new home, then in the same again. */
export async function startRows(network: Network): Promise<Measured[]> {
  await using place = await temporaryPlace()
  await mkdir(join(place.path, 'usage'))
  const { start } = hostStart(network, place.path, null)
  const measured: Measured[] = []
  for (const home of ['new', 'known']) {
    const startedAt = performance.now()
    const { child, url } = await startHostProcess(start, () => undefined)
    const answer = await fetch(`${url}/api/v1/healthz`)
    const tookMs = performance.now() - startedAt
    await end(child, 'SIGTERM')
    if (!answer.ok) throw new Error(`healthz answered ${answer.status}`)
    measured.push({ row: `host start to routes up, ${home} home`, figures: { took_ms: tookMs } })
  }
  return [...measured, await codeRow(network)]
}

/** From `npm start` in a built clone, with a new home, to the QR code of the first phone. */
async function codeRow(network: Network): Promise<Measured> {
  await using place = await temporaryPlace()
  await mkdir(join(place.path, 'usage'))
  const { start, token } = hostStart(network, place.path, null)
  const startedAt = performance.now()
  const { child, url } = await startByCommand(['npm', 'start'], start, () => undefined)
  const listeningMs = performance.now() - startedAt
  await startPairing(hostCalls(() => url, token))
  const tookMs = performance.now() - startedAt
  await end(child, 'SIGTERM')
  return { row: 'npm start to the QR code, new home', figures: { took_ms: tookMs, listening_ms: listeningMs } }
}
