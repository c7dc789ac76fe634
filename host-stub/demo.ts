#!/usr/bin/env node
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { drawModules, readModules } from '../client/terminal/terminal-qr.ts'
import type { Environment } from './agentcy/host.ts'
import { openHost, type RunningHost } from './agentcy/running-host.ts'
import { type Conversation, converse } from './conversation.ts'
import { demoSteps } from './next-steps.ts'
import { type Simulation, startSimulation } from './simulation.ts'
import { untilStopped } from './stop-signal.ts'

const MANIFEST_FILE = fileURLToPath(new URL('../../manifest.json', import.meta.url))
const HELP = `Shows the WhatsApp channel at work on a WhatsApp network that is simulated on this machine.

  npm run demo                stays up after the conversation, so that you can use the phones: npm run phone -- --help
  npm run demo -- --once      with temporary data and a free port; ends with status 0 after the conversation
`

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Temporary homes, and the function that deletes them. If the demo stays up, it uses the normal homes and deletes nothing. */
function placeFor(once: boolean): { environment: Environment; clear: () => void } {
  const quiet = { LOG_LEVEL: 'error', ...process.env }
  if (!once) return { environment: quiet, clear: () => undefined }
  const folder = mkdtempSync(join(tmpdir(), 'agentcy-demo-'))
  return {
    environment: {
      ...quiet,
      PORT: '0',
      AGENTCY_HOME: join(folder, 'agentcy'),
      OPENFANG_HOME: join(folder, 'openfang'),
    },
    clear: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function showPicture(dataUrl: string): void {
  const colour = process.stdout.isTTY === true
  say(
    [
      '',
      'The code that the host shows, and that the simulated phone scans:',
      '',
      ...drawModules(readModules(dataUrl), colour),
    ].join('\n'),
  )
}

function showConversation({ said, heard, hops }: Conversation): void {
  const width = Math.max(...hops.map(({ name }) => name.length))
  const times = hops.map(({ name, tookMs }) => `  ${name.padEnd(width)}  ${String(tookMs).padStart(6)} ms`)
  say(
    ['', `  alice writes   ${said}`, `  alice hears    ${heard}`, '', 'How long each hop took:', '', ...times, ''].join(
      '\n',
    ),
  )
}

async function play(simulation: Simulation, host: RunningHost, token: string): Promise<void> {
  say(`listening on ${host.url}`)
  say(`WhatsApp is simulated, on ${simulation.addresses.join(' and ')}.`)
  const stage = { url: host.url, token, control: simulation.control, onPicture: showPicture }
  showConversation(await converse(stage))
}

async function run(once: boolean): Promise<void> {
  const { environment, clear } = placeFor(once)
  const stopped = untilStopped()
  let simulation: Simulation | undefined
  let host: RunningHost | undefined
  try {
    simulation = await startSimulation(environment)
    host = await openHost({
      environment: simulation.environment,
      manifestFile: MANIFEST_FILE,
      hostPage: simulation.panel,
    })
    const token = environment['AGENTCY_TOKEN'] || (host.mintedToken ?? '')
    const played = play(simulation, host, token).then(() => 'played' as const)
    const outcome = await Promise.race([played, stopped.then(() => 'stopped' as const)])
    if (outcome === 'stopped') played.catch(() => undefined)
    else if (!once) {
      say(demoSteps(host))
      await stopped
    }
  } finally {
    await host?.close()
    await simulation?.stop()
    clear()
  }
}

process.umask(0o077)
try {
  const { values } = parseArgs({ options: { once: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } })
  if (values.help === true) say(HELP)
  else await run(values.once === true)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
