import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import { z } from 'zod'

import {
  bindingCreateRequest,
  bindingCreateResponse,
  bindingExplainRequest,
  bindingExplainResponse,
  bindingDeleteResponse,
  bindingListRequest,
  bindingListResponse,
  bindingReorderRequest,
  bindingReplayRequest,
  bindingReplayResponse,
  bindingRequest,
  bindingSchema,
  bindingUpdateRequest,
} from '../contract/api-bindings.ts'
import {
  idempotencyKeySchema,
  sendCancelResponse,
  sendRequest,
  sendResponse,
  sendStatusRequest,
  sendStatusResponse,
} from '../contract/api-send.ts'
import {
  channelsResponse,
  configureRequest,
  configureResponse,
  messageListRequest,
  messageListResponse,
  messageTraceRequest,
  messageWatchRequest,
  qrStartResponse,
  qrStatusRequest,
  qrStatusResponse,
  reloadResponse,
  testResponse,
  unpairResponse,
} from '../contract/api.ts'
import { turnListRequest, turnListResponse, turnRetryRequest, turnSchema } from '../contract/api-turns.ts'
import { groupListResponse, groupRequest, groupSchema } from '../contract/api-groups.ts'
import { accountRequest } from '../contract/api-fields.ts'
import { ChannelError } from '../contract/errors.ts'
import { parseGroupId } from '../contract/ids.ts'
import { accountMeant, accountNamed } from './account-meant.ts'
import { approvals } from './approval-router.ts'
import { policies } from './policy-router.ts'
import { procedure, router } from './procedure.ts'
import { qrPicture } from './qr-picture.ts'
import { mayPair } from './role-table.ts'
import { sendSchema } from './send-schema.ts'
import {
  connectionEvents,
  messageEvents,
  pairingEvents,
  sendEvents,
  shownMessage,
  transferEvents,
} from './subscriptions.ts'
import { acceptedAs, accountBesides, secondsUntil, wireDelivery, wirePairing, wireTurn } from './wire-state.ts'
import { showNumber } from './witness.ts'

/** For calls made in this process, where nobody can hang up. */
const NEVER = new AbortController().signal

/** What names nothing but an account, or not even that. */
const anyAccount = accountRequest.optional()

const SEND_SCHEMA = sendSchema()

function checkedIdempotencyKey(given: string | null): string | null {
  if (given === null) return null
  const key = idempotencyKeySchema.safeParse(given)
  if (key.success) return key.data
  throw new ChannelError('bad_request', 'The header Idempotency-Key takes 1 to 128 characters.')
}

const channels = router({
  list: procedure.output(channelsResponse).query(async ({ ctx: { operations, principal } }) => {
    const list = await operations.channels(principal.org)
    for (const { account, connection } of list.flatMap(({ accounts }) => accounts))
      await showNumber({ operations, principal }, accountMeant(principal, { account }), connection.phone)
    return { channels: list }
  }),
  reload: procedure.output(reloadResponse).mutation(async ({ ctx: { operations, principal } }) => {
    await operations.reload()
    await operations.confirmPolicies(principal.org)
    return { status: 'ok' }
  }),
})

const qr = router({
  start: procedure
    .input(anyAccount)
    .output(qrStartResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      const key = accountMeant(principal, input)
      const { session, state } = await operations.startPairing(key)
      if (state.status === 'connected') throw new ChannelError('already_connected')
      if (state.status === 'conflict') throw new ChannelError('number_in_use')
      if (state.status === 'expired') throw new ChannelError('gateway_unreachable')
      return {
        session_id: session,
        ...accountBesides(key.account),
        qr_data_url: await qrPicture(state.qr),
        expires_in: secondsUntil(state.expiresAt),
      }
    }),
  status: procedure
    .input(qrStatusRequest)
    .output(qrStatusResponse)
    .query(async ({ ctx: { operations, principal }, input }) => {
      const { org } = principal
      const pairing = operations.pairing(org, input.session_id)
      const { account, state } = pairing
      if (state.status === 'connected') await showNumber({ operations, principal }, { org, account }, state.phone)
      const shown = await wirePairing(pairing, mayPair(principal))
      if (shown.status === 'conflict') throw new ChannelError('number_in_use')
      return shown
    }),
  watch: procedure
    .input(qrStatusRequest)
    .subscription(({ ctx, input, signal = NEVER }) => pairingEvents(ctx, input.session_id, signal)),
})

const messages = router({
  list: procedure
    .input(messageListRequest)
    .output(messageListResponse)
    .query(async ({ ctx: { operations, principal }, input }) => {
      const page = { account: accountNamed(input.account), limit: input.limit, before: input.before ?? null }
      const list = await operations.listMessages(principal.org, page)
      return { messages: list.map(message => shownMessage(message, principal)) }
    }),
  trace: procedure
    .input(messageTraceRequest)
    .output(bindingExplainResponse)
    .query(({ ctx: { operations, principal }, input }) => operations.traceMessage(principal.org, input.id)),
  watch: procedure
    .input(messageWatchRequest)
    .subscription(({ ctx, input, signal = NEVER }) => messageEvents(ctx, input?.lastEventId ?? null, signal)),
})

const sends = router({
  get: procedure
    .input(sendStatusRequest)
    .output(sendStatusResponse)
    .query(async ({ ctx: { operations, principal }, input }) =>
      wireDelivery(await operations.delivery(principal.org, input.id)),
    ),
  cancel: procedure
    .input(sendStatusRequest)
    .output(sendCancelResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      await operations.cancelSend(principal.org, input.id)
      return { status: 'cancelled', id: input.id }
    }),
  watch: procedure
    .input(messageWatchRequest)
    .subscription(({ ctx, input, signal = NEVER }) => sendEvents(ctx, input?.lastEventId ?? null, signal)),
})

const groups = router({
  list: procedure
    .input(anyAccount)
    .output(groupListResponse)
    .query(async ({ ctx: { operations, principal }, input }) => ({
      groups: await operations.listGroups(accountMeant(principal, input)),
    })),
  get: procedure
    .input(groupRequest)
    .output(groupSchema)
    .query(({ ctx: { operations, principal }, input }) => {
      const id = parseGroupId(input.id)
      if (!id) throw new ChannelError('not_found')
      return operations.group(accountMeant(principal, input), id)
    }),
})

const whatsapp = router({
  configure: procedure
    .input(configureRequest)
    .output(configureResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      await operations.configure(accountMeant(principal, input), { fields: input.fields })
      return { status: 'configured', channel: 'whatsapp' }
    }),
  unpair: procedure
    .input(anyAccount)
    .output(unpairResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      const { unlinked } = await operations.unpair(accountMeant(principal, input))
      return { status: 'removed', channel: 'whatsapp', unlinked }
    }),
  send: procedure
    .input(sendRequest)
    .output(sendResponse)
    .mutation(async ({ ctx: { operations, principal, idempotencyKey }, input: { account, ...request } }) => {
      const key = checkedIdempotencyKey(idempotencyKey)
      return acceptedAs(await operations.send(accountMeant(principal, { account }), request, key))
    }),
  sends,
  transfers: router({
    watch: procedure.subscription(({ ctx, signal = NEVER }) => transferEvents(ctx, signal)),
  }),
  groups,
  schema: procedure.output(z.record(z.string(), z.unknown())).query(() => SEND_SCHEMA),
  test: procedure
    .input(anyAccount)
    .output(testResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      const key = accountMeant(principal, input)
      const { phone } = await operations.test(key)
      await showNumber({ operations, principal }, key, phone)
      return { status: 'ok', phone }
    }),
  qr,
  connection: router({
    watch: procedure
      .input(anyAccount)
      .subscription(({ ctx, input, signal = NEVER }) =>
        connectionEvents(ctx, accountMeant(ctx.principal, input), signal),
      ),
  }),
  messages,
})

const bindings = router({
  list: procedure
    .input(bindingListRequest.optional())
    .output(bindingListResponse)
    .query(async ({ ctx: { operations, principal } }) => ({
      bindings: await operations.listBindings(principal.org),
    })),
  create: procedure
    .input(bindingCreateRequest)
    .output(bindingCreateResponse)
    .mutation(({ ctx: { operations, principal }, input }) => operations.createBinding(principal.org, input)),
  get: procedure
    .input(bindingRequest)
    .output(bindingSchema)
    .query(({ ctx: { operations, principal }, input }) => operations.binding(principal.org, input.id)),
  update: procedure
    .input(bindingUpdateRequest)
    .output(bindingCreateResponse)
    .mutation(({ ctx: { operations, principal }, input: { id, ...update } }) =>
      operations.updateBinding(principal.org, id, update),
    ),
  reorder: procedure
    .input(bindingReorderRequest)
    .output(bindingListResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => ({
      bindings: await operations.reorderBindings(principal.org, input.order),
    })),
  explain: procedure
    .input(bindingExplainRequest)
    .output(bindingExplainResponse)
    .query(({ ctx: { operations, principal }, input }) => operations.explainBindings(principal.org, input)),
  replay: procedure
    .input(bindingReplayRequest)
    .output(bindingReplayResponse)
    .mutation(({ ctx: { operations, principal }, input }) => operations.replayMessage(principal.org, input.message_id)),
  delete: procedure
    .input(bindingRequest)
    .output(bindingDeleteResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      await operations.deleteBinding(principal.org, input.id)
      return { status: 'deleted', id: input.id }
    }),
})

const turns = router({
  list: procedure
    .input(turnListRequest)
    .output(turnListResponse)
    .query(async ({ ctx: { operations, principal }, input }) => {
      const { status = null, limit, before = null } = input
      const page = { account: accountNamed(input.account), status, limit, before }
      return { turns: (await operations.listTurns(principal.org, page)).map(wireTurn) }
    }),
  retry: procedure
    .input(turnRetryRequest)
    .output(turnSchema)
    .mutation(async ({ ctx: { operations, principal }, input }) =>
      wireTurn(await operations.retryTurn(principal.org, input.id, input.step)),
    ),
})

/** Every call of the channel. REST, HTTP and WebSocket clients all end here. */
export const appRouter = router({ approvals, channels, whatsapp, bindings, policies, turns })

/** The calls as types, which is all that a client needs of them. */
export type AppRouter = typeof appRouter
/** What each call takes. */
export type RouterInputs = inferRouterInputs<AppRouter>
/** What each call gives. */
export type RouterOutputs = inferRouterOutputs<AppRouter>
