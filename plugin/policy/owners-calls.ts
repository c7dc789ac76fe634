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

/** Whether a question is about one of {@link OWNERS_CALLS}, by an owner. */
export const isOwnersCall = ({ channel, role, action }: PolicyQuestion): boolean =>
  channel === 'api' && role === 'owner' && ACTIONS.has(action)
