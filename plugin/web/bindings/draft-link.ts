import type { MatchRule } from '../../contract/binding.ts'
import { linkTo } from '../address.ts'
import { writtenDraft } from './draft.ts'

/** The link to a form that is filled in already: "make a binding from this". Nothing is made until somebody saves it. */
export const linkToDraft = (rule: MatchRule, agent = ''): string => linkTo('bindings', 'new', writtenDraft(rule, agent))
