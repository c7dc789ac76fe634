import type { PolicyVerdict } from '../contract/policy.ts'
import { type Denial, readDenials } from './denials.ts'
import type { Engine } from './engine.ts'
import type { PolicyInput } from './input.ts'

/** An evaluation that takes longer decides nothing, however busy the machine is (reliability.md §5.4). */
export const LONGEST_MS = 1_000

/** What all policies of an org said of one input. */
export type Evaluation = {
  readonly verdict: Exclude<PolicyVerdict, { verdict: 'unjudged' }>
  /** Every rule that denied. */
  readonly denials: readonly Denial[]
  /** How long it took. */
  readonly tookMs: number
}

/** Denies without any rule that did. */
export const undecided = (reason: string): Evaluation['verdict'] => ({ verdict: 'deny', rule: null, reason })

function verdictOf(loaded: boolean, [first]: readonly Denial[]): Evaluation['verdict'] {
  if (!loaded) return undecided('No policy is loaded.')
  return first ? { verdict: 'deny', rule: first.rule, reason: first.message } : { verdict: 'allow' }
}

/** Asks every engine. Any denial denies, and so does whatever does not end well. */
export function evaluate(engines: readonly Pick<Engine, 'evaluate'>[], input: PolicyInput): Evaluation {
  const begun = performance.now()
  const tookMs = (): number => performance.now() - begun
  try {
    const readings = engines.flatMap(engine =>
      engine.evaluate(input).map(({ path, document }) => readDenials(path, document)),
    )
    const denials = readings.flatMap(reading => reading.denials)
    const isLoaded = readings.length > 0 && readings.every(reading => reading.isLoaded)
    const took = tookMs()
    const verdict = took > LONGEST_MS ? undecided('The policies took too long.') : verdictOf(isLoaded, denials)
    return { verdict, denials, tookMs: took }
  } catch {
    return { verdict: undecided('The policies could not be evaluated.'), denials: [], tookMs: tookMs() }
  }
}
