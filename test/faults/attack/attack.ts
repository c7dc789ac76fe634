import { readFileSync } from 'node:fs'

import { percentile } from '../../bench/statistics.ts'
import type { HostProcess } from '../../support/host-process.ts'
import { childrenOf } from '../../support/process-tree.ts'
import { ATTACKS, type AttackKind, type Tallies } from './assault-contract.ts'
import { feelPulse } from './pulse.ts'
import { begin, inScene, type Scene } from './scene.ts'
import type { Echo } from './victim.ts'

/** What is asked for: how long it takes in all, what it is drawn by, which kinds are played, and whether it is broken off. */
export type Attack = {
  readonly minutes: number
  readonly seed: number
  readonly kinds?: readonly AttackKind[] | undefined
  readonly signal?: AbortSignal | undefined
}

/** How long answers took: in ms, of which none is left out but those that never came. */
export type Times = {
  readonly count: number
  readonly unanswered: number
  readonly p50: number
  readonly p99: number
  readonly longest: number
}

/** What was found. */
export type Verdict = {
  readonly quiet: { readonly echo: Times; readonly health: Times }
  readonly attacked: { readonly echo: Times; readonly health: Times }
  /** Of org A's messages: how many were never answered, and how many more than once. */
  readonly lost: number
  readonly twice: number
  readonly tallies: Tallies | null
  /** Each promise that was broken, in words; none, as it should be. */
  readonly broken: readonly string[]
}

/** T5: nobody's calls, frames, messages, files, policies or patterns delay another org's answers by more than this. */
export const MOST_MS = 250
const REPORT_SECONDS = 30
const QUIET_SHARE = 0.2
const [QUIET_LEAST, QUIET_MOST] = [15, 120]
export const timesOf = (took: readonly (number | null)[]): Times => {
  const known = took.filter(ms => ms !== null)
  return {
    count: took.length,
    unanswered: took.length - known.length,
    p50: percentile(known, 0.5),
    p99: percentile(known, 0.99),
    longest: Math.max(...known),
  }
}

/** How one stretch went. */
type Stretch = { readonly echoes: readonly Echo[]; readonly echo: Times; readonly health: Times }

/** Org A's contact writes, and it is asked whether the host lives; `told` hears how it goes, now and then. */
async function stretch(
  { echo, story }: Pick<Scene, 'echo' | 'story'>,
  { seconds, signal }: { readonly seconds: number; readonly signal: AbortSignal | undefined },
  told: (echo: Times, health: Times) => void,
): Promise<Stretch> {
  using pulse = feelPulse(story.host.url)
  const beats: (number | null)[] = []
  const writing = echo.writes(seconds, { signal })
  const telling = setInterval(() => {
    beats.push(...pulse.taken())
    void writing.soFar().then(soFar => told(timesOf(soFar.map(({ tookMs }) => tookMs)), timesOf(beats)))
  }, REPORT_SECONDS * 1_000)
  try {
    const echoes = await writing.done
    beats.push(...pulse.taken())
    return { echoes, echo: timesOf(echoes.map(({ tookMs }) => tookMs)), health: timesOf(beats) }
  } finally {
    clearInterval(telling)
  }
}

/** What must stay as it is: the host and its gateway. */
async function processesOf({ pid }: HostProcess): Promise<readonly number[]> {
  const children = await childrenOf(pid)
  const isGateway = (each: number): boolean =>
    readFileSync(`/proc/${each}/cmdline`, 'utf8').includes('whatsapp-gateway/gateway/process.js')
  return [pid, ...children.filter(isGateway)]
}

const delayed = (name: string, quiet: Times, attacked: Times): string[] =>
  attacked.p99 > quiet.p99 + MOST_MS
    ? [`${name}: p99 ${ms(attacked.p99)}, and ${ms(quiet.p99)} without attack: more than ${MOST_MS} ms later`]
    : []

export const ms = (value: number): string => `${Math.round(value)} ms`

/** Attacks a host as long as that, with everything at once; `say` is told how it goes, a line at a time. */
export async function attack(
  { minutes, seed, kinds = ATTACKS, signal }: Attack,
  say: (line: string) => void,
): Promise<Verdict> {
  const seconds = Math.round(minutes * 60)
  const quietSeconds = Math.round(Math.min(QUIET_MOST, Math.max(QUIET_LEAST, seconds * QUIET_SHARE)))
  return inScene(async scene => {
    const before = await processesOf(scene.story.host)
    const quiet = await stretch(scene, { seconds: quietSeconds, signal }, () => undefined)
    say(`without attack: ${lineOf(quiet.echo, quiet.health)}`)
    await begin(scene, { seed, played: { kinds } })
    const attacked = await stretch(scene, { seconds: seconds - quietSeconds, signal }, (echo, health) => {
      say(`… ${lineOf(echo, health)}, ${tries(scene.assault.tallies)} tries`)
    })
    await scene.assault.stop()
    const after = await processesOf(scene.story.host)
    const verdict = await judged({ scene, quiet, attacked, restarted: after.join() !== before.join() })
    return signal?.aborted === true ? { ...verdict, broken: ['it was broken off', ...verdict.broken] } : verdict
  })
}

type Ended = {
  readonly scene: Scene
  readonly quiet: Stretch
  readonly attacked: Stretch
  readonly restarted: boolean
}

async function judged({ scene, quiet, attacked, restarted }: Ended): Promise<Verdict> {
  const heard = await scene.echo.heard()
  const texts = [...quiet.echoes, ...attacked.echoes].map(({ text }) => text)
  const lost = texts.filter(text => !heard.has(text)).length
  const twice = texts.filter(text => (heard.get(text) ?? 0) > 1).length
  const { tallies, leaks } = scene.assault
  const broken = [
    ...(lost > 0 ? [`${lost} of org A's messages were not answered`] : []),
    ...(twice > 0 ? [`${twice} of org A's messages were answered more than once`] : []),
    ...delayed('echo', quiet.echo, attacked.echo),
    ...delayed('/healthz', quiet.health, attacked.health),
    ...(attacked.health.unanswered > 0 ? [`/healthz was not answered ${attacked.health.unanswered} times`] : []),
    ...(restarted ? ['the host or its gateway was started anew'] : []),
    ...scene.traps.sprung(),
    ...leaks.map(path => `what is in the file was in an answer of ${path}`),
  ]
  return { quiet, attacked, lost, twice, tallies, broken }
}

const lineOf = (echo: Times, health: Times): string =>
  `${echo.count} written, ${echo.unanswered} open, echo p99 ${ms(echo.p99)}, /healthz p99 ${ms(health.p99)}`

const tries = (tallies: Tallies | null): number =>
  Object.values(tallies ?? {}).reduce((sum, { accepted, refused, broken }) => sum + accepted + refused + broken, 0)
