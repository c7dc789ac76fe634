import type { PolicyProblem, PolicyQuestion, PolicyVerdict } from '../contract/policy.ts'
import { type PolicySet, undecided } from './evaluation.ts'
import { isOwnersRepair } from './owners-calls.ts'

/**
 * The state of an org's policies. `none`: it has none. `in_force`: those of its folder. `last_good`: the previous ones,
 * because those of its folder were refused. `refused`: there are no previous ones either. `suspended`: they took too long
 * too often. The last two deny everything, except the calls that an owner needs to fix it.
 */
export type PolicyStanding = {
  readonly status: 'none' | 'in_force' | 'last_good' | 'refused' | 'suspended'
  /** The set that decides, or would if it were not suspended; null when there is none. */
  readonly set: PolicySet | null
  readonly problems: readonly PolicyProblem[]
}

/** The states of an org without policies, and of an org whose policies were not read yet. */
export const NONE: PolicyStanding = { status: 'none', set: null, problems: [] }
export const UNKNOWN: PolicyStanding = { status: 'refused', set: null, problems: [] }

/** A problem of all files together. */
export const wholeProblem = (message: string): PolicyProblem => ({ file: '', row: null, column: null, message })

/** A problem as a sentence, with its place. */
export function sentenceOf({ file, row, column, message }: PolicyProblem): string {
  const place = [row, column].filter(each => each !== null).join(':')
  if (file === '') return message
  return place === '' ? `${file}: ${message}` : `${file}.rego:${place}: ${message}`
}

/** The state of policies that took too long too often. */
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

/** The verdict that follows from the state alone; null when the set has to be evaluated. */
export function decidedBy({ status, problems }: PolicyStanding): PolicyVerdict | null {
  if (status === 'none') return { verdict: 'unjudged' }
  if (status === 'in_force' || status === 'last_good') return null
  const [problem] = problems
  if (status === 'suspended') return undecided(problem?.message ?? 'The policies are suspended.')
  return undecided(problem ? `The policies are refused: ${sentenceOf(problem)}` : 'The policies are refused.')
}

/** The same for a call: an owner may always make the calls that repair the policies. */
export function decidedAbout(standing: PolicyStanding, question: PolicyQuestion): PolicyVerdict | null {
  const decided = decidedBy(standing)
  return decided?.verdict === 'deny' && isOwnersRepair(question) ? { verdict: 'allow' } : decided
}
