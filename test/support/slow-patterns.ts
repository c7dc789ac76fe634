import { Bindings } from '../../plugin/routing/bindings.ts'
import type { MatchRule } from '../../plugin/contract/binding.ts'
import type { InboundMessage } from '../../plugin/contract/message.ts'
import { Explanations } from '../../plugin/routing/explain-message.ts'
import { PatternSearch } from '../../plugin/patterns/pattern-search.ts'
import { type PatternMessage, patternTool } from '../../plugin/patterns/search-tool.ts'
import { addBinding } from '../../plugin/store/accounts/bindings.ts'
import type { Store } from '../../plugin/store/database.ts'
import type { Job, JobOutcome, JobRunner } from '../../plugin/workers/job.ts'
import { agentsThat, echo, keptLog } from './host.ts'
import { inboxOf } from './inbox.ts'
import { ACCOUNT, linkedStore, ORG, person, type OpenedStore } from './store.ts'
import { outcomes } from './turns.ts'
import { inPlace } from './job-runner.ts'

/** Is in a text of `a` and `b` never, and takes longest to say so: all that one org may have. */
export const SLOW = 'a.{400,900}[c-z]$'
/** As large, and quick to say that it is absent. */
export const HEAVY = 'x{400,900}y'

/** So many letters, of which no two stretches are alike. */
export function hostile(letters: number, seed = 1): string {
  let state = seed
  return Array.from({ length: letters }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state < 1_073_741_824 ? 'a' : 'b'
  }).join('')
}

export const CAROL = person('333333333333333', '972500000004')
/** Too long to be searched at once. */
export const LONG = hostile(2_000)
export const SHOWN = `${LONG.slice(0, 12)}…`
export const TOO_SLOW = `${SHOWN} → unmatched: rule_too_slow`

export const explanationsOn = (store: Store, jobs: JobRunner) =>
  new Explanations({ store, alsoAnswered: () => new Set(), patterns: new PatternSearch(jobs) })

export const bindingsOn = (store: Store, jobs: JobRunner) =>
  new Bindings({
    store,
    agents: agentsThat(echo),
    log: keptLog().log,
    ask: async () => undefined,
    patterns: new PatternSearch(jobs),
  })

/** What became of each message. */
export const endsOf = async (here: { outcomes: () => Promise<string[]> }): Promise<(string | undefined)[]> =>
  (await here.outcomes()).map(each => each.split(' → ')[1])

/** A job runner in which searching {@link SLOW} is ended, as a job that is handed to it is counted. */
export function endingWorkshop() {
  const searched: string[][] = []
  /** What is waited for before anything is answered. */
  const gate: { wait: Promise<void>; answers: (work: Job) => JobOutcome | null } = {
    wait: Promise.resolve(),
    answers: () => null,
  }
  let told: () => void = () => undefined
  const asked = new Promise<void>(resolve => (told = resolve))
  const run = async (work: Job): Promise<JobOutcome> => {
    const message = work.message as PatternMessage
    if (message.ask === 'search') searched.push([...message.patterns])
    told()
    await gate.wait
    const given = gate.answers(work)
    if (given) return given
    if (message.ask !== 'search') return inPlace.run(work)
    for (const pattern of message.patterns) {
      if (pattern === SLOW) return { outcome: 'ended', why: 'time' }
      const [isThere] = patternTool({ ...message, patterns: [pattern] }) as boolean[]
      if (isThere && !message.all) break
    }
    return inPlace.run(work)
  }
  const jobs: JobRunner = { run }
  return { jobs, searched, gate, asked }
}

/** An inbox before these rules, whose long texts are searched by an {@link endingWorkshop}. */
export async function slowScene(...rules: MatchRule[]) {
  const opened = await linkedStore()
  return { ...(await slowSceneOn(opened, rules)), [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() }
}

/** The same on a store that there is. */
export async function slowSceneOn(opened: OpenedStore, rules: readonly MatchRule[] = []) {
  const { store } = opened
  const ids: string[] = []
  for (const rule of rules) ids.push((await store.transaction(trx => addBinding(trx, ORG, { agent: 'echo', rule }))).id)
  const here = await inboxOf(store)
  const made = endingWorkshop()
  here.inForce.jobs = made.jobs
  return {
    ...here,
    ...made,
    opened,
    store,
    ids,
    outcomes: async () => (await outcomes(store)).map(each => each.replace(/^(.{12}).* → /s, '$1… → ')),
    receive: (...messages: InboundMessage[]) => {
      here.gateway.receive(...messages)
      return here.inbox.wake(ACCOUNT)
    },
  }
}
