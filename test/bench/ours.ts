import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'

import { z } from 'zod'

import type { PhoneCharacter } from '../../host-stub/whatsapp/client/phone-character.ts'
import type { Contender } from './contender.ts'
import { type HostCalls, hostCalls, linkPhone } from './host-calls.ts'
import { createHostLog, type HostLog, type LogLine } from './host-log.ts'
import { temporaryPlace } from './place.ts'
import { loginsOf } from './logins.ts'
import { end, type Network, probed, startHostProcess } from './processes.ts'
import { readUsage, resetUsage } from './usage.ts'

const page = z.object({
  messages: z.array(z.object({ id: z.string(), direction: z.string(), text: z.string().nullable() })),
})
const pageSize = 100
/** Its backoff decides when it tries again. */
const reconnectLimitMs = 120_000

/** How a host of ours is started for the bench: on this network, with homes below this folder. */
export function hostStart(network: Network, folder: string, profiles: string | null) {
  const token = `bench-${randomBytes(24).toString('base64url')}`
  const { execArgv, env } = probed(join(folder, 'usage'), profiles)
  const variables = {
    ...env,
    HOME: folder,
    HOST: '127.0.0.1',
    PORT: '0',
    AGENTCY_HOME: join(folder, 'agentcy'),
    OPENFANG_HOME: join(folder, 'openfang'),
    AGENTCY_TOKEN: token,
    WHATSAPP_WEB_SOCKET_URL: network.url,
    WHATSAPP_NOISE_ROOT_KEY: network.noiseRootKey,
    WHATSAPP_PACING: 'off',
    WHATSAPP_LOOP_GUARD: 'off',
  }
  return { token, start: { execArgv, env: variables } }
}

/** Ours whole: the built host with its gateway, journal, inbox, resolver, echo agent and outbox. */
export async function startOurs(network: Network, profiles: string | null): Promise<Contender> {
  const place = await temporaryPlace()
  const usage = join(place.path, 'usage')
  await mkdir(usage)
  const { token, start } = hostStart(network, place.path, profiles)
  await liftLimits(start.env.AGENTCY_HOME)
  const log = createHostLog()
  const running = await startHostProcess(start, log.take)
  const calls = hostCalls(() => running.url, token)
  const owner = await network.control.phone(`owner of ours ${Date.now()}`)
  await linkPhone(calls, owner)
  const echo = echoSwitch(calls)
  await echo(true)
  return {
    name: 'ours',
    owner,
    echo,
    goOffline: async () => {
      await network.control.faults.door('refuse')
      await network.control.faults.drop(owner)
    },
    goOnline: async () => {
      const before = loginsOf(await network.control.ledger(), owner)
      await network.control.faults.door('open')
      await network.control.ledgerWhen(page => loginsOf(page, owner) > before, reconnectLimitMs)
    },
    arrivals: count => arrivals(calls, log, count),
    send: (to, count) => sendMany(calls, log, { to, count }),
    resetUsage: () => resetUsage(usage),
    usage: () => readUsage(usage),
    [Symbol.asyncDispose]: async () => {
      await end(running.child, 'SIGTERM')
      await place[Symbol.asyncDispose]()
    },
  }
}

/** The few who write a burst write far more often than people do. */
async function liftLimits(home: string): Promise<void> {
  await mkdir(home, { mode: 0o700 })
  const budgets = { per_sender_minute: 'off', per_chat_minute: 'off', per_account_minute: 'off' }
  const limits = { calls_per_second: 100_000, calls_at_once: 100_000 }
  const settings = { whatsapp: { budgets, limits } }
  await writeFile(join(home, 'settings.json'), JSON.stringify(settings), { mode: 0o600 })
}

/** What is not bound is kept and not answered. */
function echoSwitch({ call }: HostCalls): (on: boolean) => Promise<void> {
  let binding: string | null = null
  return async on => {
    if (on && binding === null) {
      const body = { agent: 'echo', match_rule: { channel: 'whatsapp' } }
      binding = (await call({ method: 'POST', path: '/bindings', body }, z.object({ id: z.string() }))).id
    } else if (!on && binding !== null) {
      await call({ method: 'DELETE', path: `/bindings/${binding}` }, z.unknown())
      binding = null
    }
  }
}

/** The moments are those of the host's log, whole milliseconds; the texts are asked for afterwards. */
async function arrivals({ call }: HostCalls, log: HostLog, count: number): Promise<Map<string, number>> {
  const lines = await log.lines(['turn begun', 'message unmatched'], count)
  const moments = new Map(lines.map(({ at, fields }) => [String(fields['message']), at]))
  const found = new Map<string, number>()
  for (let before = ''; found.size < moments.size;) {
    const path = `/channels/whatsapp/messages?limit=${pageSize}${before && `&before=${before}`}`
    const { messages } = await call({ method: 'GET', path }, page)
    for (const { id, text } of messages) {
      const at = moments.get(id)
      if (at !== undefined && text !== null) found.set(text, at)
    }
    before = messages.at(-1)?.id ?? ''
    if (before === '') break
  }
  return found
}

/** One after the other, as the bare bots do: those of one chat would wait for each other. */
async function sendMany(
  { call }: HostCalls,
  log: HostLog,
  { to, count }: { to: PhoneCharacter; count: number },
): Promise<number[]> {
  await log.lines([], 0)
  const took: number[] = []
  for (let index = 0; index < count; index++) {
    const body = { to: `lid:${to.lid}`, text: `told ${index}` }
    await call({ method: 'POST', path: '/channels/whatsapp/send', body }, z.object({ id: z.string() }))
    const [accepted, settled] = await log.lines(['send accepted', 'send settled'], 2)
    if (accepted && settled && idOf(accepted) === idOf(settled)) took.push(settled.at - accepted.at)
  }
  return took
}

const idOf = ({ fields }: LogLine): string => String(fields['send'])
