import { once, setMaxListeners } from 'node:events'

import { connectControl } from '../../../host-stub/whatsapp/client/control-client.ts'
import { drawing } from '../../support/drawing.ts'
import { modelEndpoint, type ModelStandIn } from '../../support/model-endpoint.ts'
import { requestsOf, type Arena, type Deed, type Tally } from './arena.ts'
import { ATTACKS, type AttackKind, type FromAssault, type Tallies, type ToAssault } from './assault-contract.ts'
import { nonsense, subscriptions, uploads, worstCalls, worstRoutes } from './callers.ts'
import { lane } from './lanes.ts'
import { playRows } from './rows.ts'
import { strangers } from './strangers.ts'
import { patterns, policies, reloads } from './tenants.ts'
import { agents, contacts, files, peopleOf, sealed } from './writers.ts'

type Begin = Extract<ToAssault, { say: 'begin' }>

const TELLS_EVERY_MS = 2_000
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

/** Plays everything of these kinds at once, until it is told to stop. */
async function playKinds(arena: Arena, { seed, kinds, leaks }: Kinds): Promise<Tallies> {
  const tallies = Object.fromEntries(ATTACKS.map(kind => [kind, { ...NOTHING }])) as Tallies
  const ending = new AbortController()
  setMaxListeners(0, ending.signal)
  process.on('message', (message: ToAssault) => {
    if (message.say === 'stop') ending.abort()
  })
  const telling = setInterval(() => tell({ say: 'tallies', tallies, leaks: [...leaks] }), TELLS_EVERY_MS)
  const deeds = await deedsOf(arena)
  const lanes = kinds.map((kind, n) =>
    lane(deeds[kind], drawing(seed + n), { tally: tallies[kind], pauseMs: PAUSES_MS[kind], signal: ending.signal }),
  )
  await Promise.all(lanes)
  clearInterval(telling)
  return tallies
}
type Kinds = { readonly seed: number; readonly kinds: readonly AttackKind[]; readonly leaks: ReadonlySet<string> }

/** Attacks; it is told whom, and with what, by the program that has started it, and ends when it is told to. */
export async function main(): Promise<number> {
  await using model = await modelEndpoint()
  const leaks = new Set<string>()
  process.on('disconnect', () => process.exit(1))
  const told = once(process, 'message') as Promise<[Begin]>
  tell({ say: 'ready', modelUrl: model.url })
  const [begin] = await told
  const { seed, played } = begin
  const arena = await arenaOf(begin, model, path => leaks.add(path))
  const tallies =
    played === 'rows' ? await playRows(arena, seed, tell) : await playKinds(arena, { seed, ...played, leaks })
  tell({ say: 'stopped', tallies: tallies ?? null, leaks: [...leaks] })
  process.disconnect()
  return 0
}
