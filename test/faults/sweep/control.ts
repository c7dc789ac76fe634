import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { crashEnvironment, readCrossings, writePlan, type Crossings, type End } from '../../support/crash-plan.ts'
import { startNetwork, type PhoneCharacter, type RunningNetwork } from '../../support/network.ts'
import { castOf, tellPrologue, tellStory, type Said } from './story.ts'

/** How a bare bot fared under a plan. */
export type ControlRun = {
  /** What it acknowledged and never kept, and so lost for good. */
  readonly lost: readonly Said[]
  readonly crossings: Crossings
  readonly tookMs: number
}

/** A bare Baileys bot with a linked account, on which one story after the other is told. */
export type ControlRig = AsyncDisposable & { run(end: End): Promise<ControlRun> }

type Place = { readonly network: RunningNetwork; readonly folder: string; readonly owner: PhoneCharacter }

/** A bot that is started again whenever it dies. */
type SurvivingBot = AsyncDisposable & { opened(): Promise<void> }

const PROGRAM = fileURLToPath(new URL('./stock-consumer.mjs', import.meta.url))
const OPEN_PATIENCE_MS = 20_000
/** After its first login Baileys tells of no message for about 20 s: what comes late then is not lost. */
const FIRST_PATIENCE_MS = 40_000
const REST_PATIENCE_MS = 8_000
const REST_PAUSE_MS = 100
/** What is decrypted and not told yet is told within this time; Baileys holds an offline batch back that long. */
const GRACE_MS = 1_000

/** What waits behind a status that cannot be opened never reaches a bare bot: nothing else would be seen of it. */
const withoutStatus = () => Promise.resolve()

export async function openControlRig(): Promise<ControlRig> {
  const network = await startNetwork()
  const folder = await mkdtemp(join(tmpdir(), 'control-'))
  const place: Place = { network, folder, owner: await network.phone('owner') }
  {
    await using bot = startBot(place, {})
    await bot.opened()
    const friend = await network.phone('friend')
    const hello = await friend.says('hello', { to: place.owner })
    const endAt = Date.now() + FIRST_PATIENCE_MS
    while (!readLines(join(folder, 'kept')).includes(hello) && Date.now() < endAt) await pause(REST_PAUSE_MS)
    await pause(GRACE_MS)
  }
  let stories = 0
  return {
    run: end => runStory(place, end, `control ${(stories += 1)}`),
    async [Symbol.asyncDispose]() {
      await network[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function runStory(place: Place, end: End, mark: string): Promise<ControlRun> {
  const startedAt = Date.now()
  const { network, owner } = place
  const folder = await mkdtemp(join(tmpdir(), 'crossings-'))
  writePlan(folder, { stock: [end] })
  try {
    const stage = { network, mark, cast: await castOf(network, owner, mark), send: () => undefined }
    const prologue = await tellPrologue(stage, withoutStatus)
    await using bot = startBot(place, crashEnvironment(folder, 'stock'))
    await bot.opened()
    const said = [...prologue, ...(await tellStory(stage, prologue))]
    const lost = await lostOf(place, said)
    return { lost, crossings: readCrossings(folder), tookMs: Date.now() - startedAt }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A message is content when somebody said it; changes to another one are no loss of a bot that knows nothing of them. */
async function lostOf({ network, folder }: Place, said: readonly Said[]): Promise<Said[]> {
  const content = said.filter(({ kind }) => kind === 'direct' || kind === 'group')
  const endAt = Date.now() + REST_PATIENCE_MS
  const missing = (): Said[] => {
    const kept = new Set(readLines(join(folder, 'kept')))
    return content.filter(({ id }) => !kept.has(id))
  }
  while (missing().length > 0 && Date.now() < endAt) await pause(REST_PAUSE_MS)
  await pause(GRACE_MS)
  const records = await Promise.all(missing().map(async each => ({ each, record: await network.message(each.id) })))
  return records.filter(({ record }) => record.settlements > 0).map(({ each }) => each)
}

const readLines = (file: string): string[] => (existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [])

function startBot({ network, folder, owner }: Place, env: Record<string, string>): SurvivingBot {
  const state = { stopping: false, opens: 0 }
  let child = launch()
  function launch() {
    const started = spawn(process.execPath, [PROGRAM, folder, network.url, network.noiseRootKey], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    createInterface({ input: started.stdout }).on('line', line => {
      const word = JSON.parse(line) as { qr?: string; open?: boolean }
      if (word.qr !== undefined) void owner.scan(word.qr).catch(() => undefined)
      if (word.open === true) state.opens += 1
    })
    started.once('exit', () => {
      if (!state.stopping) child = launch()
    })
    return started
  }
  return {
    async opened() {
      const endAt = Date.now() + OPEN_PATIENCE_MS
      while (state.opens === 0) {
        if (Date.now() >= endAt) throw new Error('the bare bot did not connect')
        await pause(REST_PAUSE_MS)
      }
    },
    async [Symbol.asyncDispose]() {
      state.stopping = true
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}
