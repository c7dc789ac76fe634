import { agentListResponse } from '../../contract/api/agents.ts'
import {
  bindingCreateRequest,
  bindingCreateResponse,
  bindingExplainRequest,
  bindingExplainResponse,
  bindingDeleteResponse,
  bindingListRequest,
  bindingListResponse,
  bindingReorderRequest,
  bindingReorderResponse,
  bindingReplayRequest,
  bindingReplayResponse,
  bindingRequest,
  bindingSchema,
  bindingUpdateRequest,
} from '../../contract/api/bindings.ts'
import { procedure, router } from './procedure.ts'

/** The calls about the agents that bindings can name. */
export const agents = router({
  list: procedure({
    role: 'viewer',
    action: 'agent.list',
    rest: {
      call: 'GET /agents',
      summary: 'The agents that bindings can name, where the host says which it has',
    },
  })
    .output(agentListResponse)
    .query(({ ctx: { operations, principal } }) => operations.agents.list(principal.org)),
})

/** The calls about bindings: which agent answers which messages. */
export const bindings = router({
  list: procedure({
    role: 'viewer',
    action: 'binding.list',
    rest: {
      call: 'GET /bindings',
      summary: 'The bindings, in the order in which they are asked',
    },
  })
    .input(bindingListRequest.optional())
    .output(bindingListResponse)
    .query(async ({ ctx: { operations, principal } }) => ({
      bindings: await operations.bindings.list(principal.org),
    })),
  create: procedure({
    role: 'admin',
    action: 'binding.create',
    audited: 'channel',
    rest: {
      call: 'POST /bindings',
      summary: 'Adds a binding behind the others',
      status: 201,
      refusals: ['unknown_agent', 'binding_changed', 'patterns_not_searched', 'too_many_kept'],
    },
  })
    .input(bindingCreateRequest)
    .output(bindingCreateResponse)
    .mutation(({ ctx: { operations, principal }, input }) => operations.bindings.create(principal.org, input)),
  get: procedure({
    role: 'viewer',
    action: 'binding.get',
    rest: {
      call: 'GET /bindings/:id',
      summary: 'One binding',
      refusals: ['not_found'],
    },
  })
    .input(bindingRequest)
    .output(bindingSchema)
    .query(({ ctx: { operations, principal }, input }) => operations.bindings.find(principal.org, input.id)),
  update: procedure({
    role: 'admin',
    action: 'binding.update',
    audited: 'channel',
    rest: {
      call: 'PATCH /bindings/:id',
      summary: 'Changes a binding, unless it is another version by now; If-Match may name the version',
      refusals: ['not_found', 'unknown_agent', 'binding_changed', 'patterns_not_searched'],
    },
  })
    .input(bindingUpdateRequest)
    .output(bindingCreateResponse)
    .mutation(({ ctx: { operations, principal }, input: { id, ...update } }) =>
      operations.bindings.update(principal.org, id, update),
    ),
  reorder: procedure({
    role: 'admin',
    action: 'binding.reorder',
    audited: 'channel',
    rest: {
      call: 'POST /bindings/reorder',
      summary: 'Asks the bindings in another order',
      refusals: ['binding_changed'],
    },
  })
    .input(bindingReorderRequest)
    .output(bindingReorderResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => ({
      bindings: await operations.bindings.reorder(principal.org, input.order),
    })),
  explain: procedure({
    role: 'admin',
    action: 'binding.explain',
    rest: {
      call: 'POST /bindings/explain',
      summary: 'Who answers a message, and why: what each clause of each rule says',
      refusals: ['not_found', 'patterns_not_searched'],
    },
  })
    .input(bindingExplainRequest)
    .output(bindingExplainResponse)
    .query(({ ctx: { operations, principal }, input }) => operations.explanations.of(principal.org, input)),
  replay: procedure({
    role: 'admin',
    action: 'binding.replay',
    audited: 'channel',
    rest: {
      call: 'POST /bindings/replay',
      summary: 'Asks the bindings again about a message that none took',
      refusals: ['not_found', 'message_not_unmatched', 'patterns_not_searched'],
    },
  })
    .input(bindingReplayRequest)
    .output(bindingReplayResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      const { outcome, bindingId } = await operations.inbox.replay(principal.org, input.message_id)
      return { outcome, binding_id: bindingId }
    }),
  delete: procedure({
    role: 'admin',
    action: 'binding.delete',
    audited: 'channel',
    rest: {
      call: 'DELETE /bindings/:id',
      summary: 'Removes a binding',
      refusals: ['not_found'],
    },
  })
    .input(bindingRequest)
    .output(bindingDeleteResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      await operations.bindings.delete(principal.org, input.id)
      return { status: 'deleted', id: input.id }
    }),
})
