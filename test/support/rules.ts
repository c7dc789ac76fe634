import type { RulesOf } from '../../plugin/admission.ts'
import type { Resolution } from '../../plugin/contract/binding.ts'

/** Rules that say the same of every message. */
export const rulesThatSay =
  (resolution: Resolution): RulesOf =>
  () =>
    Promise.resolve({ resolve: () => resolution })

/** No binding takes anything. */
export const noRules = rulesThatSay({ outcome: 'unmatched', reason: 'no_binding' })
