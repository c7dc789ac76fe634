import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

import { checkDisk } from '../checks/disk.ts'
import { type Finding, wrong } from '../checks/finding.ts'
import { checkChannel, checkHost } from '../checks/host.ts'
import { lookLive } from '../checks/live.ts'
import { checkModes } from '../checks/modes.ts'
import { checkNativeBuild, checkNode } from '../checks/node.ts'
import { checkOpa } from '../checks/opa.ts'
import { createWhatsAppClient } from '../client.ts'
import type { Call, Command } from '../command/command.ts'
import { hostAddress, hostOrigin } from '../command/host-address.ts'
import { jsonLine, plainAnswer } from '../terminal/answer-text.ts'
import { type Paint, paintFor } from '../terminal/colour.ts'
import { type Environment, EXIT, type ExitCode } from '../terminal/terminal.ts'

/** Checks this machine and the host, and prints what is wrong and what to do about it. */
export const DOCTOR: Command = {
  name: 'doctor',
  parameters: [],
  summary: 'checks this machine and the host; each line is ok or says what to do',
  details: [
    'It checks Node, the native build, the permissions of AGENTCY_HOME and OPENFANG_HOME, the free space',
    'on their disks, opa, the host, its clock, and the accounts. Ends with 1 if something is wrong.',
    'With --live it checks WhatsApp instead: its name, its port, the newest web client, the WebSocket, the certificate',
    'and the first QR code, which is read and not shown. That needs no account and no host.',
  ],
  options: { live: 'checks WhatsApp itself, as far as possible without an account' },
  examples: ['doctor', 'doctor --json', 'doctor --live'],
  place: 'machine',
  run: doctor,
}

async function doctor({ terminal, options }: Call): Promise<ExitCode> {
  const { environment, out, signal } = terminal
  const paint = paintFor(terminal)
  let isWell = true
  for await (const finding of options.live === true ? lookLive(environment, signal) : checkMachine(environment)) {
    isWell &&= finding.ok
    out.write(`${options.json === true ? jsonLine(finding) : lineOf(plainAnswer(finding), paint)}\n`)
  }
  return isWell ? EXIT.done : EXIT.failed
}

async function* checkMachine(environment: Environment): AsyncGenerator<Finding> {
  const machine = await Promise.all([checkNativeBuild(), ...checkHomes(environment), checkOpa(environment)])
  yield* [checkNode(process.versions.node), ...machine, ...(await checkReach(environment))]
}

function lineOf({ check, ok, says, todo }: Finding, paint: Paint): string {
  const verdict = ok ? paint('green', 'ok     ') : paint('red', 'not ok ')
  return `${verdict} ${check}: ${says}${todo === null ? '' : `\n        → ${todo}`}`
}

function checkHomes(environment: Environment): Promise<Finding>[] {
  const homes = [
    ['AGENTCY_HOME', '.agentcy'],
    ['OPENFANG_HOME', '.openfang'],
  ] as const
  return homes.flatMap(([name, folder]) => {
    const home = resolve(environment[name] ?? join(environment['HOME'] ?? homedir(), folder))
    return [checkModes(name, home), checkDisk(name, home)]
  })
}

async function checkReach(environment: Environment): Promise<Finding[]> {
  const origin = hostOrigin(environment)
  if (origin === null) return [wrong('host', 'AGENTCY_URL is not an http or https address.', 'Set it to one.')]
  const [host, ...more] = await checkHost(origin, Date.now)
  if (host?.ok !== true) return host ? [host] : []
  const address = hostAddress(environment)
  if (typeof address === 'string') return [host, ...more, wrong('channel', 'It cannot be called.', address)]
  const { client, close } = createWhatsAppClient({ url: address.origin, token: address.token })
  try {
    return [host, ...more, ...(await checkChannel(client, address))]
  } finally {
    await close()
  }
}
