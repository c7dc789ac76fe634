import {
  policyDeleteResponse,
  policyListResponse,
  policyPutRequest,
  policyPutResponse,
  policyRequest,
  policySchema,
  policyTestRequest,
  policyTestResponse,
} from '../../contract/api/policies.ts'
import { procedure, router } from './procedure.ts'

/** The calls about an org's policies. */
export const policies = router({
  list: procedure({ role: 'viewer', action: 'policy.list' })
    .output(policyListResponse)
    .query(({ ctx: { operations, principal } }) => operations.listPolicies(principal.org)),
  get: procedure({ role: 'viewer', action: 'policy.get' })
    .input(policyRequest)
    .output(policySchema)
    .query(({ ctx: { operations, principal }, input }) => operations.policy(principal.org, input.name)),
  put: procedure({ role: 'admin', action: 'policy.update', audited: 'policy' })
    .input(policyPutRequest)
    .output(policyPutResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      await operations.putPolicy(principal.org, input)
      return { status: 'in_force', name: input.name }
    }),
  delete: procedure({ role: 'admin', action: 'policy.delete', audited: 'policy' })
    .input(policyRequest)
    .output(policyDeleteResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      await operations.deletePolicy(principal.org, input.name)
      return { status: 'deleted', name: input.name }
    }),
  test: procedure({ role: 'admin', action: 'policy.test' })
    .input(policyTestRequest)
    .output(policyTestResponse)
    .query(({ ctx: { operations, principal }, input }) => operations.testPolicies(principal.org, input.input)),
})
