import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import type { LedgerPage } from '../../host-stub/whatsapp/world/ledger.ts'
import { startBot } from './bot-process.ts'
import { hostCalls, linkPhone } from './host-calls.ts'
import type { ContenderName } from './options.ts'
import { hostStart } from './ours.ts'
import { temporaryPlace } from './place.ts'
import { end, type Network, program, startHostProcess } from './processes.ts'
import type { Measured } from './rows.ts'
import { readUsage } from './usage.ts'

const loginLimitMs = 120_000
const mebibyte = 2 ** 20

/**
 * So many linked accounts at once: memory of the process that holds them, and how long it takes to log all of them in. Ours
 * connects at most five a second, on purpose, and bare Baileys all at once: for 50 that alone makes 9.8 s of the time.
 */
export async function socketsRow(network: Network, name: ContenderName, sockets: number): Promise<Measured> {
  await using place = await temporaryPlace()
  const usage = join(place.path, 'usage')
  await mkdir(usage)
  const figures =
    name === 'ours'
      ? await oursWith(network, place.path, sockets)
      : await bareWith(network, { folder: name === 'bare-files' ? join(place.path, 'auth') : null, usage, sockets })
  return { row: `${sockets} sockets, ours at most 5 a second`, figures }
}

async function bareWith(
  network: Network,
  { folder, usage, sockets }: { folder: string | null; usage: string; sockets: number },
) {
  const label = `bare ${Date.now()}`
  await using bot = startBot({
    setting: { folder, url: network.url, noiseRootKey: network.noiseRootKey, logins: sockets },
    usage,
    profiles: null,
    onQr: (index, qr) =>
      void network.control
        .phone(`${label} ${index}`)
        .then(phone => phone.scan(qr))
        .catch(() => undefined),
  })
  // One after the other: a folder is 812 files at its pairing, and 50 at once are more than a process may have open.
  for (let index = 0; index < sockets; index++) {
    await bot.order('connect', index)
    await bot.opened(1)
  }
  await bot.order('disconnect', null)
  const before = await network.control.ledger()
  await bot.order('connect', null)
  await bot.opened(sockets)
  const loginMs = await loggedIn(network, before, sockets)
  const { rssBytes } = await readUsage(usage)
  return { rss_mb: rssBytes / mebibyte, login_of_all_ms: loginMs }
}

async function oursWith(network: Network, folder: string, sockets: number) {
  const { start } = hostStart(network, folder, null)
  const first = await startHostProcess(start, () => undefined)
  try {
    for (let index = 0; index < sockets; index++) {
      const phone = await network.control.phone(`ours ${Date.now()}`)
      await linkPhone(
        hostCalls(() => first.url, await mintToken(start.env.AGENTCY_HOME, `org_${index}`)),
        phone,
      )
    }
  } finally {
    await end(first.child, 'SIGTERM')
  }
  const before = await network.control.ledger()
  const second = await startHostProcess(start, () => undefined)
  try {
    const loginMs = await loggedIn(network, before, sockets)
    const { rssBytes } = await readUsage(join(folder, 'usage'))
    return { rss_mb: rssBytes / mebibyte, login_of_all_ms: loginMs }
  } finally {
    await end(second.child, 'SIGTERM')
  }
}

async function mintToken(home: string, org: string): Promise<string> {
  const words = [program('host-stub/agentcy/token-cli.js'), '--org', org, '--role', 'owner']
  const env = { PATH: process.env['PATH'], AGENTCY_HOME: home }
  const { stdout } = await promisify(execFile)(process.execPath, words, { env })
  return stdout.trim()
}

/** From the first of these connections to the last of their logins. */
async function loggedIn({ control }: Network, before: LedgerPage, sockets: number): Promise<number> {
  const logins = before.logins.length + sockets
  const page = await control.ledgerWhen(now => now.logins.length >= logins, loginLimitMs)
  const first = page.connects[before.connects.length]
  const last = page.logins[logins - 1]
  return Date.parse(last?.at ?? '') - Date.parse(first?.at ?? '')
}
