import { anyAccount } from '../../contract/api/fields.ts'
import {
  codeStartRequest,
  codeStartResponse,
  qrStartResponse,
  qrStatusRequest,
  qrStatusResponse,
} from '../../contract/api/pairing.ts'
import { ChannelError } from '../../contract/errors/errors.ts'
import { parsePhone } from '../../contract/ids.ts'
import { accountMeant } from './account-param.ts'
import { firstShown } from './pairing-response.ts'
import { NEVER, procedure, router } from './procedure.ts'
import { mayPair } from '../auth/roles.ts'
import { pairingEvents } from './subscriptions.ts'
import { wirePairing } from '../../views/api-state.ts'
import { showNumber } from '../auth/confirm-link.ts'

/** The errors when a pairing cannot start. */
const PAIRING_REFUSALS = [
  'channel_not_configured',
  'already_connected',
  'number_in_use',
  'gateway_unreachable',
  'pairing_refused',
  'client_outdated',
  'account_stopped',
] as const

/** The calls that link a phone by a code typed on the phone. */
export const code = router({
  start: procedure({
    role: 'admin',
    action: 'channel.code.start',
    audited: 'channel',
    rest: {
      call: 'POST /channels/whatsapp/code/start',
      summary:
        'Begins a pairing by a code that is typed on the phone, or the passkey that is wanted before it; an earlier one of the account ends',
      refusals: PAIRING_REFUSALS,
    },
  })
    .input(codeStartRequest)
    .output(codeStartResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      const phone = parsePhone(input.phone)
      if (!phone) throw new ChannelError('bad_request')
      const key = accountMeant(principal, input)
      return firstShown(key, await operations.linking.startCodePairing(key, phone))
    }),
})

/** The calls that link a phone by a QR code. */
export const qr = router({
  start: procedure({
    role: 'admin',
    action: 'channel.qr.start',
    audited: 'channel',
    rest: {
      call: 'POST /channels/whatsapp/qr/start',
      summary:
        'Begins a pairing, by a code or the passkey that is wanted before it; an earlier one of the account ends',
      refusals: PAIRING_REFUSALS,
    },
  })
    .input(anyAccount)
    .output(qrStartResponse)
    .mutation(async ({ ctx: { operations, principal }, input }) => {
      const key = accountMeant(principal, input)
      return firstShown(key, await operations.linking.startPairing(key))
    }),
  status: procedure({
    role: 'viewer',
    action: 'channel.qr.status',
    rest: {
      call: 'GET /channels/whatsapp/qr/status',
      summary: 'Where a pairing stands, with the code that is good now',
      refusals: ['not_found', 'number_in_use'],
    },
  })
    .input(qrStatusRequest)
    .output(qrStatusResponse)
    .query(async ({ ctx: { operations, principal }, input }) => {
      const { org } = principal
      const pairing = operations.pairings.state(org, input.session_id)
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
