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
  list: procedure({
    role: 'viewer',
    action: 'policy.list',
    rest: {
      call: 'GET /policies',
      summary: 'The policies of the org, whether they are in force, and what is wrong with them',
    },
  })
    .output(policyListResponse)
    .query(({ ctx: { operations, principal } }) => operations.policies.list(principal.org)),
  get: procedure({
    role: 'viewer',
    action: 'policy.get',
    rest: {
      call: 'GET /policies/:name',
      summary: 'One policy as it is written',
      refusals: ['not_found'],
    },
  })
    .input(policyRequest)
    .output(policySchema)
    .query(({ ctx: { operations, principal }, input }) => operations.policies.find(principal.org, input.name)),
  put: procedure({
    role: 'admin',
    action: 'policy.update',
    audited: 'policy',
    rest: {
      call: 'PUT /policies/:name',
      summary: 'Writes a policy and puts it into force, or says where it does not compile',
      refusals: ['policy_refused'],
    },
  })
    .input(policyPutRequest)
    .output(policyPutResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      await operations.policies.put(principal.org, input)
      return { status: 'in_force', name: input.name }
    }),
  delete: procedure({
    role: 'admin',
    action: 'policy.delete',
    audited: 'policy',
    rest: {
      call: 'DELETE /policies/:name',
      summary: 'Takes a policy out of force',
      refusals: ['not_found', 'policy_refused'],
    },
  })
    .input(policyRequest)
    .output(policyDeleteResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      await operations.policies.remove(principal.org, input.name)
      return { status: 'deleted', name: input.name }
    }),
  test: procedure({
    role: 'admin',
    action: 'policy.test',
    rest: {
      call: 'POST /policies/test',
      summary: 'What would be decided about an input, and by which rules; nothing is done',
    },
  })
    .input(policyTestRequest)
    .output(policyTestResponse)
    .query(({ ctx: { operations, principal }, input }) => operations.policies.test(principal.org, input.input)),
})
