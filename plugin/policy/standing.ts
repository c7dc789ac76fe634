import type { PolicyProblem, PolicyQuestion, PolicyVerdict } from '../contract/policy.ts'
import type { PolicySet } from './asking.ts'
import { undecided } from './evaluation.ts'
import { isOwnersRepair } from './owners-calls.ts'

/**
 * How an org's policies stand. `none`: it has none. `in_force`: what its folder holds. `last_good`: what it held before,
 * because what it holds now is refused. `refused`: nothing that was good is left. `suspended`: what was in force took too long
 * too often. The last two deny everything, but for what an owner needs to do about it.
 */
export type PolicyStanding = {
  readonly status: 'none' | 'in_force' | 'last_good' | 'refused' | 'suspended'
  /** What decides, or would if it were not suspended; null where there is nothing. */
  readonly set: PolicySet | null
  readonly problems: readonly PolicyProblem[]
}

/** How they stand where there are none, and before anything is known of them. */
export const NONE: PolicyStanding = { status: 'none', set: null, problems: [] }
export const UNKNOWN: PolicyStanding = { status: 'refused', set: null, problems: [] }

/** A problem that is about all of them. */
export const wholeProblem = (message: string): PolicyProblem => ({ file: '', row: null, column: null, message })

/** What is said of a problem, with its place. */
export function sentenceOf({ file, row, column, message }: PolicyProblem): string {
  const place = [row, column].filter(each => each !== null).join(':')
  if (file === '') return message
  return place === '' ? `${file}: ${message}` : `${file}.rego:${place}: ${message}`
}

/** How policies stand that took too long too often. */
export const suspended = ({ set, problems }: PolicyStanding): PolicyStanding => ({
  status: 'suspended',
  set,
  problems: [
    wholeProblem(
      'The policies were stopped three times within an hour, because they took too long or too much memory. They deny everything until an owner changes or reloads them.',
    ),
    ...problems,
  ],
})

/** What is decided without asking any policy; null when the set is to be asked. */
export function decidedBy({ status, problems }: PolicyStanding): PolicyVerdict | null {
  if (status === 'none') return { verdict: 'unjudged' }
  if (status === 'in_force' || status === 'last_good') return null
  const [problem] = problems
  if (status === 'suspended') return undecided(problem?.message ?? 'The policies are suspended.')
  return undecided(problem ? `The policies are refused: ${sentenceOf(problem)}` : 'The policies are refused.')
}

/** The same, about a call: an owner is let do something about it. */
export function decidedAbout(standing: PolicyStanding, question: PolicyQuestion): PolicyVerdict | null {
  const decided = decidedBy(standing)
  return decided?.verdict === 'deny' && isOwnersRepair(question) ? { verdict: 'allow' } : decided
}
