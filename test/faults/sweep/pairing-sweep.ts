import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  crashEnvironment,
  giveSign,
  readCrossings,
  writePlan,
  type CrashPlan,
  type Death,
} from '../../support/crash-plan.ts'
import { startNetwork } from '../../support/network.ts'
import { linkThrough } from './link.ts'
import { startSurvivingHost } from './surviving-host.ts'

/** How a pairing under a plan went. */
export type PairingRun = {
  /** Null when the phone was linked and a message then answered. */
  readonly failure: string | null
  /** How often the network made the phone's link, and what it refused logins for. */
  readonly links: number
  readonly refusals: readonly number[]
  readonly deaths: readonly Death[]
  readonly tookMs: number
}

/** Links a new phone to a new host under a plan, signed when a code is shown; whoever pairs begins anew after each death. */
export async function runPairing(plan: CrashPlan): Promise<PairingRun> {
  const startedAt = Date.now()
  const home = await mkdtemp(join(tmpdir(), 'sweep-pairing-'))
  const folder = await mkdtemp(join(tmpdir(), 'crossings-'))
  writePlan(folder, plan)
  try {
    const seen = await pairAndTalk(home, folder).catch((error: unknown) => ({
      failure: String(error),
      links: 0,
      refusals: [],
    }))
    return { ...seen, deaths: readCrossings(folder).deaths, tookMs: Date.now() - startedAt }
  } finally {
    await Promise.all([home, folder].map(path => rm(path, { recursive: true, force: true })))
  }
}

async function pairAndTalk(home: string, folder: string): Promise<Pick<PairingRun, 'failure' | 'links' | 'refusals'>> {
  await using network = await startNetwork()
  const [owner, friend] = [await network.phone('owner'), await network.phone('friend')]
  const env = crashEnvironment(folder, 'host')
  await using host = await startSurvivingHost({ network, home, token: 'sweep-owner-token-0123456789abcdef', env })
  await linkThrough(host, owner, () => giveSign(folder))
  await host.call('POST', '/api/v1/bindings', { body: { agent: 'echo', match_rule: { channel: 'whatsapp' } } })
  await friend.says('is anybody there', { to: owner })
  await friend.hears('is anybody there', { from: owner, withinMs: 20_000 })
  const { pairings, failures } = await network.ledger()
  return { failure: null, links: pairings.length, refusals: failures.map(({ reason }) => reason) }
}
