import type { parseArgs } from 'node:util'

import type { CrashPlan, Death, Role } from '../../support/crash-plan.ts'
import { openControlRig } from './control.ts'
import { openPairings } from './pairing-sweep.ts'
import { PIECES } from './pieces.ts'
import { openRig, type Rig, type Run } from './rig.ts'
import { STORY, type Tale } from './story.ts'
import type { options } from './sweep-options.ts'

/** A new account every so often, so that one run's damage is not found in all that follow. */
const STORIES_A_RIG = 50
/** One run may take fewer steps than the others; the story is over when none of so many gets as far as to be killed. */
const ALIVE_AT_THE_END = 3
const LEAST_CONTROL_LOSS = 5
const ROLES = ['host', 'gateway'] as const
const TALES = { story: STORY, pieces: PIECES }
const PARTS = ['pairing', 'story', 'pieces'] as const

type Part = (typeof PARTS)[number]

type Choice = {
  readonly from: number
  readonly to: number
  readonly every: number
  readonly roles: readonly Role[]
  readonly parts: readonly Part[]
  readonly double: number
}

type Total = { runs: number; failed: number; violations: number; alive: number; killedTwice: number }

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Runs the sweep; answers with the status to end with. */
export async function main(values: Values): Promise<number> {
  const choice: Choice = {
    from: Number(values.from),
    to: Number(values.to),
    every: Number(values.every),
    roles: ROLES.filter(role => values.role === undefined || role === values.role),
    parts: PARTS.filter(part => values.part === undefined || part === values.part),
    double: Number(values.double),
  }
  return values.control ? await sweepControl(choice) : await sweep(choice)
}

async function sweep(choice: Choice): Promise<number> {
  const total: Total = { runs: 0, failed: 0, violations: 0, alive: 0, killedTwice: 0 }
  const startedAt = Date.now()
  if (choice.parts.includes('pairing')) for (const role of choice.roles) await sweepPairing(choice, role, total)
  for (const [part, tale] of Object.entries(TALES))
    if (choice.parts.includes(part as Part)) await sweepStories(choice, tale, total)
  const minutes = ((Date.now() - startedAt) / 60_000).toFixed(1)
  const { runs, failed, violations, alive, killedTwice } = total
  const ends = `${alive} ended alive, ${killedTwice} were killed twice, ${failed} failed`
  say(`${runs} runs in ${minutes} min: ${ends}, ${violations} violations`)
  return runs > 0 && failed === 0 ? 0 : 1
}

async function sweepStories(choice: Choice, tale: Tale, total: Total): Promise<void> {
  await using rigs = rigsInTurn(tale)
  const ends: Partial<Record<Role, number>> = {}
  for (const role of choice.roles) {
    let alive = 0
    for (let n = choice.from; n <= choice.to && alive < ALIVE_AT_THE_END; n += choice.every) {
      const run = await rigs.run({ [role]: [n] })
      report(total, `${role} ${n}`, run)
      const isAlive = run.crossings.deaths.length === 0
      alive = isAlive ? alive + 1 : 0
      if (!isAlive) ends[role] = n
    }
  }
  for (const plan of doublePlans(ends, choice.double)) report(total, JSON.stringify(plan), await rigs.run(plan))
}

/** The same for a pairing, each time with a new phone and a new host. */
async function sweepPairing({ from, to, every }: Choice, role: Role, total: Total): Promise<void> {
  await using pairings = await openPairings()
  for (let n = from; n <= to; n += every) {
    const { failure, deaths, tookMs } = await pairings.run({ [role]: [n] })
    total.runs += 1
    if (deaths.length === 0) total.alive += 1
    if (failure !== null) {
      total.failed += 1
      total.violations += 1
      say(`FAILED pairing ${role} ${n}, killed at ${placesOf(deaths)}: ${failure}`)
    } else if (total.runs % 10 === 0) {
      say(
        `… pairing ${role} ${n}: ${total.runs} runs, ${total.failed} failed, killed at ${placesOf(deaths)}, ${tookMs} ms`,
      )
    }
    if (deaths.length === 0) return
  }
}

/** A bare bot must lose something on the way, or this harness proves nothing. */
async function sweepControl({ from, to, every }: Choice): Promise<number> {
  await using rig = await openControlRig()
  let lost = 0
  let runs = 0
  for (let n = from; n <= to; n += every) {
    const run = await rig.run(n)
    runs += 1
    lost += run.lost.length
    if (run.lost.length > 0) say(`lost ${run.lost.length} at ${n}, killed at ${placesOf(run.crossings.deaths)}`)
    else if (runs % 10 === 0) say(`… ${n}: ${runs} runs, ${lost} messages lost, ${run.tookMs} ms`)
    if (run.crossings.deaths.length === 0) break
  }
  say(`the bare bot lost ${lost} messages in ${runs} runs`)
  return lost >= LEAST_CONTROL_LOSS ? 0 : 1
}

const placesOf = (deaths: readonly Death[]): string =>
  deaths.map(({ role, crossing, kind }) => `${role} ${crossing} (${kind})`).join(', then ') || 'alive'

function report(total: Total, name: string, run: Run): void {
  total.runs += 1
  if (run.crossings.deaths.length === 0) total.alive += 1
  if (run.crossings.deaths.length > 1) total.killedTwice += 1
  const where = placesOf(run.crossings.deaths)
  if (run.violations.length > 0) {
    total.failed += 1
    total.violations += run.violations.length
    const found = run.violations.map(({ oracle, what }) => `${oracle} ${what}`).join('; ')
    say(`FAILED ${name}, killed at ${where}: ${found}`)
  } else if (total.runs % 10 === 0) {
    say(`… ${name}: ${total.runs} runs, ${total.failed} failed, the last killed at ${where}, ${run.tookMs} ms`)
  }
}

type Rigs = AsyncDisposable & { run(plan: CrashPlan): Promise<Run> }

/** A run that failed leaves its account behind, and the next one begins on a new one. */
function rigsInTurn(tale: Tale): Rigs {
  let rig: Rig | null = null
  let stories = 0
  const close = async (): Promise<void> => {
    await rig?.[Symbol.asyncDispose]()
    rig = null
    stories = 0
  }
  return {
    async run(plan) {
      rig ??= await openRig(tale)
      const run = await rig.run(plan)
      stories += 1
      if (stories === STORIES_A_RIG || run.violations.length > 0) await close()
      return run
    },
    [Symbol.asyncDispose]: close,
  }
}

/** Pairs of crashes, spread evenly: one in the story, one in the recovery from it. */
function doublePlans(ends: Partial<Record<Role, number>>, samples: number): CrashPlan[] {
  const roles = ROLES.filter(role => ends[role] !== undefined)
  return Array.from({ length: roles.length === 0 ? 0 : samples }, (_, sample): CrashPlan => {
    const first = roles[sample % roles.length] ?? 'host'
    const end = ends[first] ?? 1
    const n = 1 + Math.floor((end * (sample + 0.5)) / samples)
    // The steps are primes, so that the second crash meets the first at ever other distances.
    const second = 1 + ((sample * 37) % 211)
    const inGateway = first === 'host' && sample % 4 === 2
    return inGateway ? { host: [n], gateway: [null, second] } : { [first]: [n, second] }
  })
}
