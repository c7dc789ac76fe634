import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { crashEnvironment, readCrossings, writePlan, type CrashPlan, type Crossings } from '../../support/crash-plan.ts'
import { openGateBuild } from '../../support/open-gate.ts'
import { startNetwork, type PhoneCharacter, type RunningNetwork } from '../../support/network.ts'
import { decideByBook, entriesIn } from './book.ts'
import { dumpStore, type AskedSend, type Evidence, type HeardBy } from './evidence.ts'
import { isConnected, linkThrough } from './link.ts'
import { violations, type Violation } from './oracles.ts'
import { stillness } from './stillness.ts'
import { AGENTS, castOf, STORY, type Cast, type Said, type Stage, type Tale } from './story.ts'
import { startSurvivingHost, type SurvivingHost } from './surviving-host.ts'
import { liftBudgets } from './unbudgeted.ts'

/** How a run under a plan went. */
export type Run = {
  readonly violations: readonly Violation[]
  readonly crossings: Crossings
  readonly evidence: Evidence
  readonly tookMs: number
  /** What the host printed, for whoever wants to know why. */
  readonly logs: string
}

/** What went wrong, and where it was killed, for a failure that says it. */
export const story = ({ violations: found, crossings }: Run) => ({
  killedAt: crossings.deaths.map(({ role, crossing, kind }) => `${role} ${crossing} (${kind})`),
  violations: found,
})

/** A network and a home with a linked account, on which one story after the other is told. */
export type Rig = AsyncDisposable & {
  /** Starts the host under a plan, tells the story, waits until nothing moves and asks the oracles. */
  run(plan: CrashPlan): Promise<Run>
}

type Place = {
  readonly network: RunningNetwork
  readonly home: string
  readonly token: string
  readonly root: string
  readonly owner: PhoneCharacter
  readonly friend: PhoneCharacter
  readonly tale: Tale
}

/** What waits for the account comes in so many pieces that a process can die between any two. */
const PAGES = { primer: 1, page: 2, live: 'at_the_end' } as const
const LINE_PATIENCE_MS = 20_000
const REST_PAUSE_MS = 250
/** Whatever is said a second time is said within this time of coming to rest. */
const GRACE_MS = 300

/** Links an account, without crashes, and lets a first contact write to it. */
export async function openRig(tale: Tale = STORY): Promise<Rig> {
  const network = await startNetwork({ media: tale.media })
  const build = await openGateBuild()
  const home = await mkdtemp(join(tmpdir(), 'sweep-'))
  const place: Place = {
    network,
    home,
    root: build.root,
    token: 'sweep-owner-token-0123456789abcdef',
    owner: await network.phone('owner'),
    friend: await network.phone('friend'),
    tale,
  }
  await prepare(place)
  await network.behaves({ offline_pages: PAGES, status_tag: 'status' })
  let stories = 0
  return {
    run: plan => runStory(place, plan, `story ${(stories += 1)}`),
    async [Symbol.asyncDispose]() {
      await network[Symbol.asyncDispose]()
      await build[Symbol.asyncDispose]()
      await rm(home, { recursive: true, force: true })
    },
  }
}

const bookIn = (home: string): string => join(home, 'book')

/** A bookkeeper, and nobody who has to be asked whether it may write. */
const hostOf = (
  { network, home, token, root, tale }: Place,
  environment: Record<string, string>,
): Promise<SurvivingHost> =>
  startSurvivingHost({
    network,
    home,
    token,
    root,
    env: { ...tale.environment, ...environment, BOOKKEEPER_BOOK: bookIn(home) },
  })

async function prepare(place: Place): Promise<void> {
  const { home, owner, friend, tale } = place
  await liftBudgets(home, tale.settings)
  await using host = await hostOf(place, {})
  await linkThrough(host, owner)
  for (const [word, agent] of Object.entries(AGENTS)) {
    const match_rule = { channel: 'whatsapp', text_regex: `^${word} ` }
    await host.call('POST', '/api/v1/bindings', { body: { agent, match_rule } })
  }
  await friend.says('echo hello', { to: owner })
  await friend.hears('echo hello', { from: owner })
}

async function runStory(place: Place, plan: CrashPlan, mark: string): Promise<Run> {
  const { network, home, owner, tale } = place
  const startedAt = Date.now()
  const folder = await mkdtemp(join(tmpdir(), 'crossings-'))
  writePlan(folder, plan)
  const before = {
    place: dumpStore(home, Number.MAX_SAFE_INTEGER).last,
    page: await network.ledger(),
    entries: entriesIn(bookIn(home)).length,
  }
  const cast = await castOf(network, owner, mark)
  const sending = new Map<number, Promise<AskedSend>>()
  let host: SurvivingHost | undefined
  const send = (number: number): void => {
    if (host) sending.set(number, ask(host, place.friend, `send ${number} of ${mark}`))
  }
  const stage: Stage = { network, cast, mark, send }
  const prologue = await tale.prologue(stage)
  host = await hostOf(place, crashEnvironment(folder, 'host'))
  try {
    await isConnected(host, LINE_PATIENCE_MS)
    const said = [...prologue, ...(await tale.story(stage, prologue))]
    const asked = await Promise.all(sending.values())
    const evidence = await atRest({ host, place, cast, said, asked, before })
    return {
      violations: violations(evidence),
      crossings: readCrossings(folder),
      evidence,
      tookMs: Date.now() - startedAt,
      logs: host.logs(),
    }
  } finally {
    await host[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  }
}

/** A client that repeats its call under the same key until it is answered, and then once more. */
async function ask(host: SurvivingHost, to: PhoneCharacter, text: string): Promise<AskedSend> {
  const headers = { 'idempotency-key': text }
  const sent = { headers, body: { to: to.phone, text } }
  const answers: string[] = []
  for (let time = 0; time < 2; time += 1) {
    const answer = await host.call('POST', '/api/v1/channels/whatsapp/send', sent)
    if (answer.status === 202) answers.push((answer.body as { id: string }).id)
  }
  return { key: text, to: to.name, text, answers }
}

type Told = {
  readonly host: SurvivingHost
  readonly place: Place
  readonly cast: Cast
  readonly said: readonly Said[]
  readonly asked: readonly AskedSend[]
  readonly before: {
    readonly place: number
    readonly page: { readonly undecryptable: readonly unknown[] }
    readonly entries: number
  }
}

/** Looks again until no oracle has anything to say, or nothing moves any more; then once more, for what comes late. */
async function atRest(told: Told): Promise<Evidence> {
  const isStill = stillness(told.place.tale.restMs)
  for (;;) {
    // Without the records, which are many questions to ask of the network: they say nothing about what is yet to come.
    const evidence = await evidenceOf(told, [])
    if (violations(evidence).length === 0 || isStill(evidence)) break
    const isAsked = evidence.turns.some(({ status }) => status === 'needs_operator')
    if (isAsked) await decideByBook((...asked) => told.host.call(...asked), bookIn(told.place.home))
    await pause(REST_PAUSE_MS)
  }
  await pause(GRACE_MS)
  const { sends } = dumpStore(told.place.home, told.before.place)
  return evidenceOf(told, [...told.said.map(({ id }) => id), ...sends.map(({ stanzaId }) => stanzaId)])
}

async function evidenceOf({ place, cast, said, asked, before }: Told, recordsOf: readonly string[]): Promise<Evidence> {
  const { network, home, friend, owner } = place
  const listening = [...cast.contacts, friend]
  const { rows, turns, sends } = dumpStore(home, before.place)
  const page = await network.ledger()
  const records = await Promise.all(recordsOf.map(async id => [id, await network.message(id)] as const))
  return {
    said,
    asked,
    rows,
    turns,
    sends,
    records: new Map(records),
    queued: Object.entries(page.queued).reduce((sum, [device, size]) => sum + (isOf(owner, device) ? size : 0), 0),
    heard: (await Promise.all(listening.map(heardBy))).flat(),
    undecryptable: page.undecryptable.slice(before.page.undecryptable.length),
    effects: entriesIn(bookIn(home)).slice(before.entries),
    listeners: new Map<string, string[]>([
      ...cast.contacts.map(({ name }): [string, string[]] => [name, [name]]),
      [cast.group.id, cast.contacts.map(({ name }) => name)],
    ]),
  }
}

const isOf = (owner: PhoneCharacter, device: string): boolean => device.startsWith(`${owner.name}:`)

async function heardBy(phone: PhoneCharacter): Promise<HeardBy[]> {
  const heard = await phone.heard()
  return heard.map(({ id, text, kind, own, from }) => ({ id, text, kind, own, by: phone.name, from: from.name }))
}
