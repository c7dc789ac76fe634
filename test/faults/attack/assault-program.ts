import { once, setMaxListeners } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'

import { connectControl } from '../../../host-stub/whatsapp/control-client.ts'
import { drawing, type Draw } from '../../support/drawing.ts'
import { modelEndpoint, type ModelStandIn } from '../../support/model-endpoint.ts'
import { requestsOf, type Arena, type Deed, type Outcome, type Tally } from './arena.ts'
import { ATTACKS, type AttackKind, type FromAssault, type Tallies, type ToAssault } from './assault-contract.ts'
import { nonsense, subscriptions, uploads, worstCalls, worstRoutes } from './callers.ts'
import { strangers } from './strangers.ts'
import { patterns, policies, reloads } from './tenants.ts'
import { agents, contacts, files, peopleOf, sealed } from './writers.ts'

type Begin = Extract<ToAssault, { say: 'begin' }>

const TELLS_EVERY_MS = 2_000
/** A try that has no answer by then is given up. */
const PATIENCE_MS = 20_000
/** How long is waited between two tries of a kind, on the average. */
const PAUSES_MS: Readonly<Record<AttackKind, number>> = {
  strangers: 200,
  calls: 60,
  routes: 300,
  nonsense: 150,
  uploads: 1_500,
  subscriptions: 2_000,
  policies: 4_000,
  patterns: 1_000,
  reloads: 5_000,
  contacts: 300,
  files: 2_000,
  'sealed words': 1_000,
  agents: 1_500,
}

const tell = (message: FromAssault): void => void process.send?.(message)

const NOTHING: Tally = { accepted: 0, refused: 0, broken: 0 }

async function arenaOf(begin: Begin, model: ModelStandIn, leaked: (path: string) => void): Promise<Arena> {
  const { url, admins, owner, canary } = begin
  const network = connectControl(begin.network)
  const [ours, theirs] = await Promise.all([network.phone(begin.ours), network.phone(begin.theirs)])
  const request = requestsOf(url, canary, leaked)
  return { url, port: Number(new URL(url).port), admins, owner, network, ours, theirs, model, canary, request }
}

async function deedsOf(arena: Arena): Promise<Record<AttackKind, Deed>> {
  const scene = { arena, people: await peopleOf(arena) }
  return {
    strangers: strangers(arena),
    calls: await worstCalls(arena),
    routes: await worstRoutes(arena),
    nonsense: nonsense(arena),
    uploads: uploads(arena),
    subscriptions: subscriptions(arena),
    policies: policies(arena),
    patterns: patterns(arena),
    reloads: reloads(arena),
    contacts: contacts(scene),
    files: files(scene),
    'sealed words': sealed(scene),
    agents: agents(scene),
  }
}

async function tried(deed: Deed, draw: Draw): Promise<Outcome> {
  const ending = new AbortController()
  const late = pause<Outcome>(PATIENCE_MS, 'broken', { signal: ending.signal }).catch((): Outcome => 'broken')
  try {
    // A line that is cut is the host's answer to some of it.
    return await Promise.race([deed(draw).catch((): Outcome => 'broken'), late])
  } finally {
    ending.abort()
  }
}

/** One try of a kind after the other, until it is told to stop. */
async function lane(deed: Deed, draw: Draw, { tally, pauseMs, signal }: Lane): Promise<void> {
  while (!signal.aborted) {
    tally[await tried(deed, draw)] += 1
    await pause(draw(2 * pauseMs), undefined, { signal }).catch(() => undefined)
  }
}
type Lane = { readonly tally: Tally; readonly pauseMs: number; readonly signal: AbortSignal }

/** Plays all kinds at once; it is told whom to attack by whoever has started it, and ends when it is told to. */
export async function main(): Promise<number> {
  await using model = await modelEndpoint()
  const tallies = Object.fromEntries(ATTACKS.map(kind => [kind, { ...NOTHING }])) as Tallies
  const leaks = new Set<string>()
  const ending = new AbortController()
  setMaxListeners(0, ending.signal)
  process.on('message', (message: ToAssault) => {
    if (message.say === 'stop') ending.abort()
  })
  process.on('disconnect', () => process.exit(1))
  const told = once(process, 'message') as Promise<[Begin]>
  tell({ say: 'ready', modelUrl: model.url })
  const [begin] = await told
  const arena = await arenaOf(begin, model, path => leaks.add(path))
  const telling = setInterval(() => tell({ say: 'tallies', tallies, leaks: [...leaks] }), TELLS_EVERY_MS)
  const deeds = await deedsOf(arena)
  const lanes = begin.kinds.map((kind, n) =>
    lane(deeds[kind], drawing(begin.seed + n), {
      tally: tallies[kind],
      pauseMs: PAUSES_MS[kind],
      signal: ending.signal,
    }),
  )
  await Promise.all(lanes)
  clearInterval(telling)
  tell({ say: 'stopped', tallies, leaks: [...leaks] })
  process.disconnect()
  return 0
}
