import type { PolicyQuestion } from '../contract/policy.ts'

/**
 * The calls by which an owner sees and changes policies. Policies do not decide about them, since nobody could undo a policy
 * that denied them. Policies that would deny them are refused, instead of being ignored silently.
 */
export const OWNERS_CALLS: readonly { readonly action: string; readonly procedure: string }[] = [
  { action: 'policy.list', procedure: 'policies.list' },
  { action: 'policy.get', procedure: 'policies.get' },
  { action: 'policy.update', procedure: 'policies.put' },
  { action: 'policy.delete', procedure: 'policies.delete' },
]

const ACTIONS = new Set(OWNERS_CALLS.map(({ action }) => action))
/** The calls that an owner needs while no policy is in force. */
const REPAIRS = new Set([...ACTIONS, 'policy.test', 'channel.reload'])

const isOwner = ({ channel, role }: PolicyQuestion): boolean => channel === 'api' && role === 'owner'

/** Whether a question is about one of {@link OWNERS_CALLS}, by an owner. */
export const isOwnersCall = (question: PolicyQuestion): boolean => isOwner(question) && ACTIONS.has(question.action)

/** Whether an owner needs this call to bring policies back into force. */
export const isOwnersRepair = (question: PolicyQuestion): boolean => isOwner(question) && REPAIRS.has(question.action)
