import {
  sendCancelResponse,
  sendListRequest,
  sendListResponse,
  sendStatusRequest,
  sendStatusResponse,
} from '../../contract/api/sends.ts'
import { messageWatchRequest } from '../../contract/api/messages.ts'
import { accountNamed } from './account-param.ts'
import { NEVER, procedure, router } from './procedure.ts'
import { sendEvents, shownSend } from './subscriptions.ts'
import { wireDelivery, wireListedSend } from '../../views/api-state.ts'

/** The calls about sends: messages sent through the API. */
export const sends = router({
  list: procedure({
    role: 'viewer',
    action: 'channel.send.list',
    rest: {
      call: 'GET /channels/whatsapp/sends',
      summary: 'Sends, newest first, each with how far it has come and its place in the queue',
      refusals: ['not_found'],
    },
  })
    .input(sendListRequest)
    .output(sendListResponse)
    .query(async ({ ctx: { operations, principal }, input: { account, status = null, limit, before = null } }) => {
      const page = { account: accountNamed(account), status, limit, before }
      const list = await operations.deliveries.list(principal.org, page)
      return { sends: list.map(send => shownSend(wireListedSend(send), principal)) }
    }),
  get: procedure({
    role: 'viewer',
    action: 'channel.send.get',
    rest: {
      call: 'GET /channels/whatsapp/sends/:id',
      summary: 'How far a send has come',
      refusals: ['not_found'],
    },
  })
    .input(sendStatusRequest)
    .output(sendStatusResponse)
    .query(async ({ ctx: { operations, principal }, input }) =>
      shownSend(wireDelivery(await operations.deliveries.find(principal.org, input.id)), principal),
    ),
  cancel: procedure({
    role: 'member',
    action: 'channel.send.delete',
    rest: {
      call: 'DELETE /channels/whatsapp/sends/:id',
      summary: 'Takes back a send that was not transmitted yet',
      refusals: ['not_found', 'already_sent'],
    },
  })
    .input(sendStatusRequest)
    .output(sendCancelResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      await operations.outbox.cancel(principal.org, input.id)
      return { status: 'cancelled', id: input.id }
    }),
  watch: procedure({ role: 'viewer', action: 'channel.send.watch' })
    .input(messageWatchRequest)
    .subscription(({ ctx, input, signal = NEVER }) => sendEvents(ctx, input?.lastEventId ?? null, signal)),
})
