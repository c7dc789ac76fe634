#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { StartRefused } from './agentcy/private-folder.ts'
import { openHost } from './agentcy/running-host.ts'
import { nextSteps } from './next-steps.ts'
import { type Simulation, startSimulation } from './simulation.ts'
import { untilStopped } from './stop-signal.ts'

const MANIFEST_FILE = fileURLToPath(new URL('../../manifest.json', import.meta.url))
const HELP = `Starts the host with the WhatsApp channel.

  npm start                    on the real WhatsApp
  npm start -- --simulate      on a WhatsApp network simulated on this machine, with data of its own

README.md lists the variables of the environment that it heeds: HOST, PORT, AGENTCY_HOME, AGENTCY_TOKEN, …
`

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const simulatedOn = ({ addresses }: Simulation): string =>
  `WhatsApp is simulated, on ${addresses.join(' and ')}; \`npm run phone -- --help\` says how to use its phones.`

async function run(simulate: boolean): Promise<void> {
  const stopped = untilStopped()
  const simulation = simulate ? await startSimulation(process.env) : null
  try {
    const host = await openHost({
      environment: simulation?.environment ?? process.env,
      manifestFile: MANIFEST_FILE,
      ...(simulation && { hostPage: simulation.panel }),
    })
    const where = simulation ? [simulatedOn(simulation)] : []
    // Printed in one piece: a program that waits for the first line then has all of it.
    say([`listening on ${host.url}`, ...where, nextSteps(host, simulate)].join('\n'))
    await stopped
    await host.close()
  } finally {
    await simulation?.stop()
  }
}

process.umask(0o077)
try {
  const { values } = parseArgs({ options: { simulate: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } })
  if (values.help === true) say(HELP)
  else await run(values.simulate === true)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = error instanceof StartRefused ? 1 : 2
}
