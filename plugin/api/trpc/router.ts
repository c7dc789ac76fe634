import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'

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
import { channelsResponse, reloadResponse, type WireChannel } from '../../contract/api/channels.ts'
import { turnListRequest, turnListResponse, turnPath, turnRetryRequest, turnSchema } from '../../contract/api/turns.ts'
import { masked, parsePhone } from '../../contract/ids.ts'
import { accountMeant, accountNamed } from './account-param.ts'
import { approvals } from './approval-router.ts'
import { contacts } from './contact-router.ts'
import { loops } from './loop-router.ts'
import { policies } from './policy-router.ts'
import { problems } from './problem-router.ts'
import { NEVER, procedure, router } from './procedure.ts'
import { mayPair } from '../auth/roles.ts'
import { takeovers } from './takeover-router.ts'
import { shownTurn, turnEvents } from './subscriptions.ts'
import { whatsapp } from './whatsapp-router.ts'
import { wireTurn } from '../../views/api-state.ts'
import { showNumber } from '../auth/confirm-link.ts'

const channels = router({
  list: procedure({ role: 'viewer', action: 'channel.list' })
    .output(channelsResponse)
    .query(async ({ ctx: { operations, principal } }) => {
      const list = await operations.channels(principal.org)
      for (const { account, connection } of list.flatMap(({ accounts }) => accounts))
        await showNumber({ operations, principal }, accountMeant(principal, { account }), connection.phone)
      return { channels: mayPair(principal) ? list : list.map(maskedNumbers) }
    }),
  reload: procedure({ role: 'admin', action: 'channel.reload', audited: 'channel' })
    .output(reloadResponse)
    .mutation(async ({ ctx: { operations, principal } }) => {
      await operations.reload(principal.org, principal.role)
      await operations.confirmPolicies(principal.org)
      return { status: 'ok' }
    }),
})

/** Whose numbers the settings name is for those to see who may change that. */
const maskedNumbers = (channel: WireChannel): WireChannel => ({
  ...channel,
  named_numbers: channel.named_numbers.map(each => ({
    ...each,
    number: maskedNumber(each.number),
    address: each.address && maskedNumber(each.address),
  })),
})

const maskedNumber = (number: string): string => masked({ lid: null, phone: parsePhone(number) })

const agents = router({
  list: procedure({ role: 'viewer', action: 'agent.list' })
    .output(agentListResponse)
    .query(({ ctx: { operations, principal } }) => operations.listAgents(principal.org)),
})

const bindings = router({
  list: procedure({ role: 'viewer', action: 'binding.list' })
    .input(bindingListRequest.optional())
    .output(bindingListResponse)
    .query(async ({ ctx: { operations, principal } }) => ({
      bindings: await operations.listBindings(principal.org),
    })),
  create: procedure({ role: 'admin', action: 'binding.create', audited: 'channel' })
    .input(bindingCreateRequest)
    .output(bindingCreateResponse)
    .mutation(({ ctx: { operations, principal }, input }) => operations.createBinding(principal.org, input)),
  get: procedure({ role: 'viewer', action: 'binding.get' })
    .input(bindingRequest)
    .output(bindingSchema)
    .query(({ ctx: { operations, principal }, input }) => operations.binding(principal.org, input.id)),
  update: procedure({ role: 'admin', action: 'binding.update', audited: 'channel' })
    .input(bindingUpdateRequest)
    .output(bindingCreateResponse)
    .mutation(({ ctx: { operations, principal }, input: { id, ...update } }) =>
      operations.updateBinding(principal.org, id, update),
    ),
  reorder: procedure({ role: 'admin', action: 'binding.reorder', audited: 'channel' })
    .input(bindingReorderRequest)
    .output(bindingReorderResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => ({
      bindings: await operations.reorderBindings(principal.org, input.order),
    })),
  explain: procedure({ role: 'admin', action: 'binding.explain' })
    .input(bindingExplainRequest)
    .output(bindingExplainResponse)
    .query(({ ctx: { operations, principal }, input }) => operations.explainBindings(principal.org, input)),
  replay: procedure({ role: 'admin', action: 'binding.replay', audited: 'channel' })
    .input(bindingReplayRequest)
    .output(bindingReplayResponse)
    .mutation(({ ctx: { operations, principal }, input }) => operations.replayMessage(principal.org, input.message_id)),
  delete: procedure({ role: 'admin', action: 'binding.delete', audited: 'channel' })
    .input(bindingRequest)
    .output(bindingDeleteResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      await operations.deleteBinding(principal.org, input.id)
      return { status: 'deleted', id: input.id }
    }),
})

const turns = router({
  list: procedure({ role: 'viewer', action: 'turn.list' })
    .input(turnListRequest)
    .output(turnListResponse)
    .query(async ({ ctx: { operations, principal }, input }) => {
      const { status = null, limit, before = null } = input
      const page = { account: accountNamed(input.account), status, limit, before }
      return {
        turns: (await operations.listTurns(principal.org, page)).map(turn => shownTurn(wireTurn(turn), principal)),
      }
    }),
  watch: procedure({ role: 'viewer', action: 'turn.watch' }).subscription(({ ctx, signal = NEVER }) =>
    turnEvents(ctx, signal),
  ),
  retry: procedure({ role: 'admin', action: 'turn.retry', audited: 'chat' })
    .input(turnRetryRequest)
    .output(turnSchema)
    .mutation(async ({ ctx: { operations, principal }, input }) =>
      wireTurn(await operations.retryTurn(principal.org, input.id, input.step)),
    ),
  cancel: procedure({ role: 'admin', action: 'turn.cancel', audited: 'chat' })
    .input(turnPath)
    .output(turnSchema)
    .mutation(async ({ ctx: { operations, principal }, input }) =>
      wireTurn(await operations.cancelTurn(principal.org, input.id)),
    ),
})

/** Every call of the channel. REST, HTTP and WebSocket clients all end here. */
export const appRouter = router({
  agents,
  approvals,
  problems,
  channels,
  contacts,
  loops,
  whatsapp,
  bindings,
  policies,
  takeovers,
  turns,
})

/** The calls as types, which is all that a client needs of them. */
export type AppRouter = typeof appRouter
/** What each call takes. */
export type RouterInputs = inferRouterInputs<AppRouter>
/** What each call gives. */
export type RouterOutputs = inferRouterOutputs<AppRouter>
