import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { crashEnvironment, readCrossings, writePlan, type CrashPlan, type Death } from '../../support/crash-plan.ts'
import { startNetwork } from '../../support/network.ts'
import { linkThrough } from './link.ts'
import { startSurvivingHost } from './surviving-host.ts'

/** How a pairing under a plan went: `failure` is null when the phone was linked and a message then answered. */
export type PairingRun = { readonly failure: string | null; readonly deaths: readonly Death[]; readonly tookMs: number }

/** Links a new phone to a new host under a plan; whoever pairs begins anew after each death. */
export async function runPairing(plan: CrashPlan): Promise<PairingRun> {
  const startedAt = Date.now()
  const home = await mkdtemp(join(tmpdir(), 'sweep-pairing-'))
  const folder = await mkdtemp(join(tmpdir(), 'crossings-'))
  writePlan(folder, plan)
  try {
    const failure = await pairAndTalk(home, folder).then(
      () => null,
      (error: unknown) => String(error),
    )
    return { failure, deaths: readCrossings(folder).deaths, tookMs: Date.now() - startedAt }
  } finally {
    await Promise.all([home, folder].map(path => rm(path, { recursive: true, force: true })))
  }
}

async function pairAndTalk(home: string, folder: string): Promise<void> {
  await using network = await startNetwork()
  const [owner, friend] = [await network.phone('owner'), await network.phone('friend')]
  const env = crashEnvironment(folder, 'host')
  await using host = await startSurvivingHost({ network, home, token: 'sweep-owner-token-0123456789abcdef', env })
  await linkThrough(host, owner)
  await host.call('POST', '/api/v1/bindings', { body: { agent: 'echo', match_rule: { channel: 'whatsapp' } } })
  await friend.says('is anybody there', { to: owner })
  await friend.hears('is anybody there', { from: owner, withinMs: 20_000 })
}
