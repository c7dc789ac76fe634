import { z } from 'zod'

import { messageSendersRequest, messageSendersResponse } from '../../contract/api/senders.ts'
import { bindingExplainResponse } from '../../contract/api/bindings.ts'
import { courseRequest, courseResponse } from '../../contract/api/message-trace.ts'
import { accountRequest } from '../../contract/api/fields.ts'
import { groupListResponse, groupRequest, groupSchema } from '../../contract/api/groups.ts'
import {
  idempotencyKeySchema,
  sendCancelResponse,
  sendListRequest,
  sendListResponse,
  sendRequest,
  sendResponse,
  sendStatusRequest,
  sendStatusResponse,
} from '../../contract/api/sends.ts'
import {
  codeStartRequest,
  codeStartResponse,
  configureRequest,
  configureResponse,
  messageListRequest,
  messageListResponse,
  messageSchema,
  messageTraceRequest,
  messageWatchRequest,
  qrStartResponse,
  qrStatusRequest,
  qrStatusResponse,
  testResponse,
  unpairResponse,
} from '../../contract/api/channels.ts'
import { ChannelError } from '../../contract/errors/errors.ts'
import { parseGroupId, parsePhone } from '../../contract/ids.ts'
import { accountMeant, accountNamed } from './account-param.ts'
import { firstShown } from './pairing-response.ts'
import { passkey } from './passkey-router.ts'
import { NEVER, procedure, router } from './procedure.ts'
import { mayPair } from '../auth/roles.ts'
import { sendSchema } from './send-schema.ts'
import {
  connectionEvents,
  messageEvents,
  pairingEvents,
  sendEvents,
  shownCourse,
  shownMessage,
  shownSend,
  transferEvents,
} from './subscriptions.ts'
import { acceptedAs, wireDelivery, wireListedSend, wirePairing } from '../../views/api-state.ts'
import { showNumber } from '../auth/confirm-link.ts'

/** What names nothing but an account, or not even that. */
const anyAccount = accountRequest.optional()

const SEND_SCHEMA = sendSchema()

function checkedIdempotencyKey(given: string | null): string | null {
  if (given === null) return null
  const key = idempotencyKeySchema.safeParse(given)
  if (key.success) return key.data
  throw new ChannelError('bad_request', 'The header Idempotency-Key takes 1 to 128 characters.')
}

const code = router({
  start: procedure({ role: 'admin', action: 'channel.code.start', audited: 'channel' })
    .input(codeStartRequest)
    .output(codeStartResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      const phone = parsePhone(input.phone)
      if (!phone) throw new ChannelError('bad_request')
      const key = accountMeant(principal, input)
      return firstShown(key, await operations.startCodePairing(key, phone))
    }),
})

const qr = router({
  start: procedure({ role: 'admin', action: 'channel.qr.start', audited: 'channel' })
    .input(anyAccount)
    .output(qrStartResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      const key = accountMeant(principal, input)
      return firstShown(key, await operations.startPairing(key))
    }),
  status: procedure({ role: 'viewer', action: 'channel.qr.status' })
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
  watch: procedure({ role: 'viewer', action: 'channel.qr.watch' })
    .input(qrStatusRequest)
    .subscription(({ ctx, input, signal = NEVER }) => pairingEvents(ctx, input.session_id, signal)),
})

const messages = router({
  list: procedure({ role: 'viewer', action: 'channel.message.list' })
    .input(messageListRequest)
    .output(messageListResponse)
    .query(async ({ ctx: { operations, principal }, input }) => {
      const page = { account: accountNamed(input.account), limit: input.limit, before: input.before ?? null }
      const { messages: list, more } = await operations.listMessages(principal.org, page)
      return { messages: list.map(message => shownMessage(message, principal)), more }
    }),
  senders: procedure({ role: 'member', action: 'channel.message.senders' })
    .input(messageSendersRequest)
    .output(messageSendersResponse)
    .query(async ({ ctx: { operations, principal }, input: { ids } }) => ({
      senders: await operations.messageSenders(principal.org, ids),
    })),
  trace: procedure({ role: 'admin', action: 'channel.message.trace' })
    .input(messageTraceRequest)
    .output(bindingExplainResponse)
    .query(({ ctx: { operations, principal }, input }) => operations.traceMessage(principal.org, input.id)),
  fetchFile: procedure({ role: 'member', action: 'channel.message.fetch', audited: 'channel' })
    .input(courseRequest)
    .output(messageSchema)
    .mutation(async ({ ctx: { operations, principal }, input }) =>
      shownMessage(await operations.fetchFile(principal.org, input.id), principal),
    ),
  course: procedure({ role: 'viewer', action: 'channel.message.course' })
    .input(courseRequest)
    .output(courseResponse)
    .query(async ({ ctx: { operations, principal }, input }) =>
      shownCourse(await operations.messageCourse(principal.org, input.id), principal),
    ),
  watch: procedure({ role: 'viewer', action: 'channel.message.watch' })
    .input(messageWatchRequest)
    .subscription(({ ctx, input, signal = NEVER }) => messageEvents(ctx, input?.lastEventId ?? null, signal)),
})

const sends = router({
  list: procedure({ role: 'viewer', action: 'channel.send.list' })
    .input(sendListRequest)
    .output(sendListResponse)
    .query(async ({ ctx: { operations, principal }, input: { account, status = null, limit, before = null } }) => {
      const page = { account: accountNamed(account), status, limit, before }
      const list = await operations.listSends(principal.org, page)
      return { sends: list.map(send => shownSend(wireListedSend(send), principal)) }
    }),
  get: procedure({ role: 'viewer', action: 'channel.send.get' })
    .input(sendStatusRequest)
    .output(sendStatusResponse)
    .query(async ({ ctx: { operations, principal }, input }) =>
      shownSend(wireDelivery(await operations.delivery(principal.org, input.id)), principal),
    ),
  cancel: procedure({ role: 'member', action: 'channel.send.delete' })
    .input(sendStatusRequest)
    .output(sendCancelResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      await operations.cancelSend(principal.org, input.id)
      return { status: 'cancelled', id: input.id }
    }),
  watch: procedure({ role: 'viewer', action: 'channel.send.watch' })
    .input(messageWatchRequest)
    .subscription(({ ctx, input, signal = NEVER }) => sendEvents(ctx, input?.lastEventId ?? null, signal)),
})

const groups = router({
  list: procedure({ role: 'member', action: 'channel.group.list' })
    .input(anyAccount)
    .output(groupListResponse)
    .query(async ({ ctx: { operations, principal }, input }) => ({
      groups: await operations.listGroups(accountMeant(principal, input)),
    })),
  get: procedure({ role: 'member', action: 'channel.group.get' })
    .input(groupRequest)
    .output(groupSchema)
    .query(({ ctx: { operations, principal }, input }) => {
      const id = parseGroupId(input.id)
      if (!id) throw new ChannelError('not_found')
      return operations.group(accountMeant(principal, input), id)
    }),
})

/** The calls about accounts and their links, and about what comes in and goes out over them. */
export const whatsapp = router({
  configure: procedure({ role: 'admin', action: 'channel.configure', audited: 'channel' })
    .input(configureRequest)
    .output(configureResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      await operations.configure(accountMeant(principal, input), { fields: input.fields })
      return { status: 'configured', channel: 'whatsapp' }
    }),
  unpair: procedure({ role: 'admin', action: 'channel.unconfigure', audited: 'channel' })
    .input(anyAccount)
    .output(unpairResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      const { unlinked } = await operations.unpair(accountMeant(principal, input))
      return { status: 'removed', channel: 'whatsapp', unlinked }
    }),
  send: procedure({ role: 'member', action: 'channel.send' })
    .input(sendRequest)
    .output(sendResponse)
    .mutation(async ({ ctx: { operations, principal, idempotencyKey }, input: { account, ...request } }) => {
      const key = checkedIdempotencyKey(idempotencyKey)
      return acceptedAs(await operations.send(accountMeant(principal, { account }), request, key))
    }),
  sends,
  transfers: router({
    watch: procedure({ role: 'viewer', action: 'channel.transfer.watch' }).subscription(({ ctx, signal = NEVER }) =>
      transferEvents(ctx, signal),
    ),
  }),
  groups,
  schema: procedure({ role: 'viewer', action: 'channel.schema' })
    .output(z.record(z.string(), z.unknown()))
    .query(() => SEND_SCHEMA),
  test: procedure({ role: 'admin', action: 'channel.test', audited: 'channel' })
    .input(anyAccount)
    .output(testResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      const key = accountMeant(principal, input)
      const { phone } = await operations.test(key)
      await showNumber({ operations, principal }, key, phone)
      return { status: 'ok', phone }
    }),
  code,
  passkey,
  qr,
  connection: router({
    watch: procedure({ role: 'viewer', action: 'channel.connection.watch' })
      .input(anyAccount)
      .subscription(({ ctx, input, signal = NEVER }) =>
        connectionEvents(ctx, accountMeant(ctx.principal, input), signal),
      ),
  }),
  messages,
})
