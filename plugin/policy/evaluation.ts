import type { PolicyVerdict } from '../contract/policy.ts'
import { type Denial, readDenials } from './denials.ts'
import type { Engine } from './engine.ts'
import type { PolicyInput } from './input.ts'

/** A longer evaluation counts as no answer, no matter how busy the machine is (reliability.md §5.4). */
export const LONGEST_MS = 1_000

/** Policies that decide together. */
export type PolicySet = {
  /** Unique, also among sets of the same policies. */
  readonly id: string
  /** The same for sets that were made from the same files. */
  readonly name: string
  readonly modules: readonly Uint8Array[]
  /** Whether the set is exactly the starters of this package. */
  readonly isOurs: boolean
  /** Whether all modules were compiled from sources here; false when one was uploaded. */
  readonly isCompiledHere: boolean
}

/** The answer of all policies of an org to one input. */
export type Evaluation = {
  readonly verdict: Exclude<PolicyVerdict, { verdict: 'unjudged' }>
  /** Every rule that denied. */
  readonly denials: readonly Denial[]
  /** How long it took. */
  readonly tookMs: number
}

/** A deny that comes from no rule. */
export const undecided = (reason: string): Evaluation['verdict'] => ({ verdict: 'deny', rule: null, reason })

function verdictOf(loaded: boolean, [first]: readonly Denial[]): Evaluation['verdict'] {
  if (!loaded) return undecided('No policy is loaded.')
  return first ? { verdict: 'deny', rule: first.rule, reason: first.message } : { verdict: 'allow' }
}

/** Evaluates policies, and throws when an evaluation fails. */
type Evaluate = Pick<Engine, 'evaluate'>

/** Evaluates every engine; one denial is enough to deny. @throws what an engine throws, and then nothing is decided */
export function decide(engines: readonly Evaluate[], input: PolicyInput, begun = performance.now()): Evaluation {
  const readings = engines.flatMap(engine =>
    engine.evaluate(input).map(({ path, document }) => readDenials(path, document)),
  )
  const denials = readings.flatMap(reading => reading.denials)
  const isLoaded = readings.length > 0 && readings.every(reading => reading.isLoaded)
  const tookMs = performance.now() - begun
  const verdict = tookMs > LONGEST_MS ? undecided('The policies took too long.') : verdictOf(isLoaded, denials)
  return { verdict, denials, tookMs }
}

/** The same, but a failed evaluation denies. */
export function evaluate(engines: readonly Evaluate[], input: PolicyInput): Evaluation {
  const begun = performance.now()
  try {
    return decide(engines, input, begun)
  } catch {
    const tookMs = performance.now() - begun
    return { verdict: undecided('The policies could not be evaluated.'), denials: [], tookMs }
  }
}
