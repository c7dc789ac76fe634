import type { PolicyQuestion } from '../contract/policy.ts'

/**
 * What an owner does with the API to see and to change policies. No policy is asked about it: one that denied it could not be
 * taken back by anybody, and so policies that would are refused as well, instead of being passed over in silence.
 */
export const OWNERS_CALLS: readonly { readonly action: string; readonly procedure: string }[] = [
  { action: 'policy.list', procedure: 'policies.list' },
  { action: 'policy.get', procedure: 'policies.get' },
  { action: 'policy.update', procedure: 'policies.put' },
  { action: 'policy.delete', procedure: 'policies.delete' },
]

const ACTIONS = new Set(OWNERS_CALLS.map(({ action }) => action))
/** Where no policy is in force that could be asked. */
const REPAIRS = new Set([...ACTIONS, 'policy.test', 'channel.reload'])

const isOwner = ({ channel, role }: PolicyQuestion): boolean => channel === 'api' && role === 'owner'

/** Whether a question is about one of {@link OWNERS_CALLS}, by an owner. */
export const isOwnersCall = (question: PolicyQuestion): boolean => isOwner(question) && ACTIONS.has(question.action)

/** Whether it is about what an owner needs to bring policies back into force. */
export const isOwnersRepair = (question: PolicyQuestion): boolean => isOwner(question) && REPAIRS.has(question.action)
