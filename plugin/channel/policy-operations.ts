import type { Operations } from '../contract/operations.ts'
import { completed } from '../policy/input.ts'
import type { Policies } from '../policy/policies.ts'

type PolicyOperations = Pick<
  Operations,
  'judge' | 'confirmPolicies' | 'listPolicies' | 'policy' | 'putPolicy' | 'deletePolicy' | 'testPolicies'
>

/** What can be asked of policies, whoever asks. */
export const policyOperationsOf = (policies: Policies): PolicyOperations => ({
  judge: question => policies.judge(question),
  confirmPolicies: org => policies.confirm(org),
  listPolicies: org => policies.list(org),
  policy: (org, name) => policies.find(org, name),
  putPolicy: (org, policy) => policies.put(org, policy),
  deletePolicy: (org, name) => policies.remove(org, name),
  testPolicies: (org, input) => policies.trial(org, completed(org, input)),
})
