import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { forgetfulDisk } from '../../support/forgetful-disk.ts'
import { startNetwork, type PhoneCharacter, type RunningNetwork } from '../../support/network.ts'
import { childrenOf } from '../../support/process-tree.ts'
import { dumpStore } from './evidence.ts'
import { isConnected, linkThrough } from './link.ts'
import { stillness } from './stillness.ts'
import { startSurvivingHost, type SurvivingHost } from './surviving-host.ts'
import { liftBudgets } from './unbudgeted.ts'

/** What a stretch of the soak asks for. */
export type Soak = {
  readonly kills: number
  /** Messages a second, over all contacts. */
  readonly rate: number
  /** How long the agent thinks. */
  readonly delayMs: number
  /** Whether both processes die at once, and with them all that the disk was not asked to keep. */
  readonly powerCuts?: boolean
}

/** The final accounting of a stretch. */
export type Account = {
  kills: number
  /** What the contacts said. */
  said: number
  /** What has an outcome in our store. */
  outcomes: number
  answered: number
  lost: number
  duplicates: number
  /** What became of those that were not answered, and how many each. */
  unanswered: Record<string, number>
}

/** So many that none of them ever waits for an agent that thinks, or meets the cap on replies to one chat. */
const CONTACTS = 240
const KILL_WITHIN_MS = [300, 3_000] as const
/** The supervisor waits ever longer for a gateway that keeps dying; a host that is started anew does not. */
const MOST_GATEWAY_KILLS_IN_A_ROW = 2
/** So long nothing may move before it is counted up as it stands. */
const REST_PATIENCE_MS = 60_000
const REST_PAUSE_MS = 500
/** Whatever is said a second time is said within this time of the last answer. */
const GRACE_MS = 2_000
const TOKEN = 'soak-owner-token-0123456789abcdef'

type Line = { readonly id: string; readonly text: string; readonly contact: PhoneCharacter }

/** Lets contacts write steadily to a host whose processes are killed at random instants, and counts up in the end. */
export async function soak(wanted: Soak, progress: (kills: number, said: number) => void): Promise<Account> {
  const home = await mkdtemp(join(tmpdir(), 'soak-'))
  try {
    await using network = await startNetwork()
    const owner = await network.phone('owner')
    const names = Array.from({ length: CONTACTS }, (_, number) => `contact-${number}`)
    const contacts = await Promise.all(names.map(name => network.phone(name)))
    const disk = wanted.powerCuts === true ? forgetfulDisk(join(home, 'disk')) : null
    await liftBudgets(home)
    // The few who talk do so for hours, as no person does.
    const env = { ECHO_DELAY_MS: String(wanted.delayMs), WHATSAPP_LOOP_GUARD: 'off', ...disk?.env }
    await using host = await startSurvivingHost({ network, home, token: TOKEN, env })
    await linkThrough(host, owner)
    await host.call('POST', '/api/v1/bindings', { body: { agent: 'echo', match_rule: { channel: 'whatsapp' } } })
    await isConnected(host, 20_000)
    const ending = new AbortController()
    const talking = talk({ contacts, owner, rate: wanted.rate, signal: ending.signal })
    const told: Line[] = talking.lines
    const kill = disk ? () => cutPower(host, disk.cutPower) : killer(host)
    for (let kills = 1; kills <= wanted.kills; kills += 1) {
      await pause(randomInt(...KILL_WITHIN_MS))
      await kill()
      progress(kills, told.length)
    }
    ending.abort()
    await talking.done
    return await accountOf({ network, home, lines: told, kills: wanted.kills })
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

type Talk = {
  readonly contacts: readonly PhoneCharacter[]
  readonly owner: PhoneCharacter
  readonly rate: number
  readonly signal: AbortSignal
}

function talk({ contacts, owner, rate, signal }: Talk): { lines: Line[]; done: Promise<void> } {
  const lines: Line[] = []
  const speak = async (): Promise<void> => {
    const startedAt = Date.now()
    for (let number = 0; !signal.aborted; number += 1) {
      const contact = contacts[number % contacts.length]
      if (!contact) return
      const text = `soak ${number} ${randomInt(1_000_000_000)}`
      lines.push({ id: await contact.says(text, { to: owner }), text, contact })
      await pause(Math.max(0, startedAt + ((number + 1) * 1_000) / rate - Date.now()))
    }
  }
  return { lines, done: speak() }
}

/** Kills the gateway or its host, whichever chance names. */
function killer(host: SurvivingHost): () => Promise<void> {
  let gatewaysInARow = 0
  return async () => {
    const [gateway] = await childrenOf(host.pid)
    if (gateway !== undefined && gatewaysInARow < MOST_GATEWAY_KILLS_IN_A_ROW && randomInt(2) === 0) {
      gatewaysInARow += 1
      process.kill(gateway, 'SIGKILL')
    } else {
      gatewaysInARow = 0
      await host.kill()
    }
  }
}

async function cutPower(host: SurvivingHost, forget: () => void): Promise<void> {
  const children = await childrenOf(host.pid)
  forget()
  for (const child of children) process.kill(child, 'SIGKILL')
  await host.kill()
}

type Told = {
  readonly network: RunningNetwork
  readonly home: string
  readonly lines: readonly Line[]
  readonly kills: number
}

async function accountOf(told: Told): Promise<Account> {
  const isStill = stillness(REST_PATIENCE_MS)
  for (;;) {
    const account = await countUp(told)
    const isAtRest = account.answered === account.said && account.outcomes === account.said
    if (!isAtRest && isStill(account)) return account
    await pause(isAtRest ? GRACE_MS : REST_PAUSE_MS)
    if (isAtRest) return countUp(told)
  }
}

async function countUp({ home, lines, kills }: Told): Promise<Account> {
  const { rows, turns } = dumpStore(home, 0)
  const codeOf = new Map(turns.map(({ messageId, code }) => [messageId, code]))
  const inbound = rows.filter(({ direction }) => direction === 'inbound')
  const endOf = new Map(
    inbound.map(({ id, stanzaId, outcome }) => [stanzaId, [outcome, codeOf.get(id)].filter(Boolean).join(' ')]),
  )
  const kept = new Map<string, number>()
  for (const { stanzaId, outcome } of inbound) {
    if (outcome !== 'matched') kept.set(stanzaId, (kept.get(stanzaId) ?? 0) + 1)
  }
  const replies = await repliesByText(new Set(lines.map(({ contact }) => contact)))
  const timesOf = ({ text, contact }: Line): number => replies.get(`${contact.name} ${text}`) ?? 0
  const lost = lines.filter(line => timesOf(line) === 0)
  return {
    kills,
    said: lines.length,
    outcomes: lines.filter(({ id }) => kept.has(id)).length,
    answered: lines.length - lost.length,
    lost: lost.length,
    duplicates:
      lines.reduce((sum, line) => sum + Math.max(0, timesOf(line) - 1), 0) +
      lines.reduce((sum, { id }) => sum + Math.max(0, (kept.get(id) ?? 0) - 1), 0),
    unanswered: tally(lost.map(({ id }) => endOf.get(id) ?? 'in no row')),
  }
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

async function repliesByText(contacts: ReadonlySet<PhoneCharacter>): Promise<Map<string, number>> {
  const replies = new Map<string, number>()
  for (const contact of contacts) {
    for (const { text, own, from } of await contact.heard()) {
      const key = `${contact.name} ${text}`
      if (!own && from.name === 'owner') replies.set(key, (replies.get(key) ?? 0) + 1)
    }
  }
  return replies
}
