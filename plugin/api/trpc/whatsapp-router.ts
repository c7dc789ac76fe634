import { z } from 'zod'

import { anyAccount } from '../../contract/api/fields.ts'
import { idempotencyKeySchema, sendRequest, sendResponse } from '../../contract/api/sends.ts'
import { configureRequest, configureResponse, testResponse, unpairResponse } from '../../contract/api/channels.ts'
import { ChannelError } from '../../contract/errors/errors.ts'
import { accountMeant } from './account-param.ts'
import { groups } from './group-router.ts'
import { messages } from './message-router.ts'
import { code, qr } from './pairing-router.ts'
import { passkey } from './passkey-router.ts'
import { sends } from './send-router.ts'
import { NEVER, procedure, router } from './procedure.ts'
import { sendSchema } from './send-schema.ts'
import { connectionEvents, transferEvents } from './subscriptions.ts'
import { acceptedAs } from '../../views/api-state.ts'
import { showNumber } from '../auth/confirm-link.ts'

const SEND_SCHEMA = sendSchema()

function checkedIdempotencyKey(given: string | null): string | null {
  if (given === null) return null
  const key = idempotencyKeySchema.safeParse(given)
  if (key.success) return key.data
  throw new ChannelError('bad_request', 'The header Idempotency-Key takes 1 to 128 characters.')
}

/** The calls about accounts and their links, and about inbound and outbound messages. */
export const whatsapp = router({
  configure: procedure({
    role: 'admin',
    action: 'channel.configure',
    audited: 'channel',
    rest: {
      call: 'POST /channels/whatsapp/configure',
      summary: 'Configures and activates the channel',
      refusals: ['gateway_unreachable', 'too_many_kept'],
    },
  })
    .input(configureRequest)
    .output(configureResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      await operations.accounts.configure(accountMeant(principal, input), { fields: input.fields })
      return { status: 'configured', channel: 'whatsapp' }
    }),
  unpair: procedure({
    role: 'admin',
    action: 'channel.unconfigure',
    audited: 'channel',
    rest: {
      call: 'DELETE /channels/whatsapp/configure',
      summary: 'Unlinks the phone and destroys its keys; bindings stay',
      refusals: ['channel_not_configured'],
    },
  })
    .input(anyAccount)
    .output(unpairResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      const { unlinked } = await operations.accounts.unpair(accountMeant(principal, input))
      return { status: 'removed', channel: 'whatsapp', unlinked }
    }),
  send: procedure({
    role: 'member',
    action: 'channel.send',
    rest: {
      call: 'POST /channels/whatsapp/send',
      summary: 'Accepts one thing to be said; safe to repeat under an Idempotency-Key',
      status: 202,
      refusals: [
        'channel_not_configured',
        'not_paired',
        'idempotency_key_reused',
        'not_found',
        'cold_contact_off',
        'not_our_message',
        'wrong_media',
        'media_too_large',
        'url_not_fetched',
        'too_many_waiting_sends',
        'over_quota',
      ],
    },
  })
    .input(sendRequest)
    .output(sendResponse)
    .mutation(async ({ ctx: { operations, principal, idempotencyKey }, input: { account, ...request } }) => {
      const key = checkedIdempotencyKey(idempotencyKey)
      return acceptedAs(await operations.sends.send(accountMeant(principal, { account }), request, key))
    }),
  sends,
  transfers: router({
    watch: procedure({ role: 'viewer', action: 'channel.transfer.watch' }).subscription(({ ctx, signal = NEVER }) =>
      transferEvents(ctx, signal),
    ),
  }),
  groups,
  schema: procedure({
    role: 'viewer',
    action: 'channel.schema',
    rest: {
      call: 'GET /channels/whatsapp/schema',
      summary: 'JSON Schema of the body of send',
    },
  })
    .output(z.record(z.string(), z.unknown()))
    .query(() => SEND_SCHEMA),
  test: procedure({
    role: 'admin',
    action: 'channel.test',
    audited: 'channel',
    rest: {
      call: 'POST /channels/whatsapp/test',
      summary: 'Makes a round trip to WhatsApp',
      refusals: ['channel_not_configured', 'not_paired', 'gateway_unreachable', 'account_stopped'],
    },
  })
    .input(anyAccount)
    .output(testResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      const key = accountMeant(principal, input)
      const { phone } = await operations.accounts.test(key)
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
