import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

import {
  crashEnvironment,
  giveSign,
  readCrossings,
  writePlan,
  type CrashPlan,
  type Death,
} from '../../support/crash-plan.ts'
import { openGateBuild } from '../../support/open-gate.ts'
import { startNetwork, type PhoneCharacter, type RunningNetwork } from '../../support/network.ts'
import { linkThrough } from './link.ts'
import { startSurvivingHost } from './surviving-host.ts'

/** How a pairing under a plan went. */
export type PairingRun = {
  /** Null when the phone was linked and a message then answered. */
  readonly failure: string | null
  /** How often the network made the phone's link, and what it refused logins for. */
  readonly links: number
  readonly refusals: readonly (number | string)[]
  readonly deaths: readonly Death[]
  readonly tookMs: number
}

/** Hosts that are linked one after the other, on one network. */
export type Pairings = AsyncDisposable & {
  /** Links a new phone to a new host under a plan, signed when a code is shown; whoever pairs begins anew after each death. */
  run(plan: CrashPlan): Promise<PairingRun>
}

export async function openPairings(): Promise<Pairings> {
  const network = await startNetwork()
  const build = await openGateBuild()
  return {
    run: plan => runPairing({ network, root: build.root }, plan),
    async [Symbol.asyncDispose]() {
      await network[Symbol.asyncDispose]()
      await build[Symbol.asyncDispose]()
    },
  }
}

type Ground = { readonly network: RunningNetwork; readonly root: string }

async function runPairing({ network, root }: Ground, plan: CrashPlan): Promise<PairingRun> {
  const startedAt = Date.now()
  const home = await mkdtemp(join(tmpdir(), 'sweep-pairing-'))
  const folder = await mkdtemp(join(tmpdir(), 'crossings-'))
  writePlan(folder, plan)
  const owner = await network.phone(`owner-${basename(folder)}`)
  const place: Place = { network, root, home, folder, owner }
  const refusedBefore = (await network.ledger()).failures.length
  try {
    const failure = await pairAndTalk(place).then(() => null, String)
    return {
      failure,
      ...(await seenOf(place, refusedBefore)),
      deaths: readCrossings(folder).deaths,
      tookMs: Date.now() - startedAt,
    }
  } finally {
    await Promise.all([home, folder].map(path => rm(path, { recursive: true, force: true })))
  }
}

type Place = Ground & {
  readonly home: string
  readonly folder: string
  readonly owner: PhoneCharacter
}

async function pairAndTalk({ folder, owner, ...place }: Place): Promise<void> {
  const friend = await place.network.phone(`friend-${basename(folder)}`)
  const env = crashEnvironment(folder, 'host')
  await using host = await startSurvivingHost({ ...place, token: 'sweep-owner-token-0123456789abcdef', env })
  await linkThrough(host, owner, () => giveSign(folder))
  await host.call('POST', '/api/v1/bindings', { body: { agent: 'echo', match_rule: { channel: 'whatsapp' } } })
  await friend.says('is anybody there', { to: owner })
  await friend.hears('is anybody there', { from: owner, withinMs: 20_000 })
}

async function seenOf(
  { network, owner }: Place,
  refusedBefore: number,
): Promise<Pick<PairingRun, 'links' | 'refusals'>> {
  const { pairings, failures } = await network.ledger()
  const isOwners = ({ device }: { device: string }): boolean => device.startsWith(`${owner.name}:`)
  return {
    links: pairings.filter(isOwners).length,
    refusals: failures.slice(refusedBefore).map(({ reason }) => reason),
  }
}
