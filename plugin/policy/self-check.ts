import type { OrgId } from '../contract/ids.ts'
import type { Engine } from './engine.ts'
import { inputOf } from './input.ts'
import { lockOutsOf } from './lock-outs.ts'
import { SELF_CHECK_QUESTIONS } from './self-check-questions.ts'

/** Evaluates a few questions before policies are put into force. Returns why they must not be; null when they may. */
export function selfCheck(engines: readonly Engine[], org: OrgId): string | null {
  try {
    for (const question of SELF_CHECK_QUESTIONS) {
      for (const engine of engines) engine.evaluate(inputOf(question, new Date()))
    }
  } catch {
    return 'An evaluation of them fails: two rules of the same name give different values, or one takes too much memory.'
  }
  const [lockOut] = lockOutsOf(engines, org, new Date())
  if (!lockOut) return null
  const { rule, action } = lockOut
  return `${rule ?? 'They'} would deny an owner "${action}", and nobody could change these policies any more. Leave owners out of it: input.subject.role != "owner".`
}
