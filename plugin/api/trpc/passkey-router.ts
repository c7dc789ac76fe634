import {
  passkeyAnswerRequest,
  passkeyAnswerResponse,
  passkeyConfirmRequest,
  passkeyConfirmResponse,
} from '../../contract/api/passkey.ts'
import { ChannelError } from '../../contract/errors/errors.ts'
import { PASSKEY_PROBLEMS } from '../../contract/passkey.ts'
import { procedure, router } from './procedure.ts'
import { accountBesides } from '../../views/api-state.ts'

/** The calls about the passkey that an account may require before it links a device. */
export const passkey = router({
  answer: procedure({
    role: 'admin',
    action: 'channel.passkey.answer',
    audited: 'channel',
    rest: {
      call: 'POST /channels/whatsapp/passkey/answer',
      summary: 'Answers to the passkey that an account wants before it links a device',
      refusals: ['not_found', 'passkey_not_awaited', 'wrong_passkey', 'gateway_unreachable'],
    },
  })
    .input(passkeyAnswerRequest)
    .output(passkeyAnswerResponse)
    .mutation(async ({ ctx: { operations, principal }, input: { session_id, assertion } }) => {
      const text = typeof assertion === 'string' ? assertion : JSON.stringify(assertion)
      const told = await operations.linking.answerPasskey(principal.org, session_id, text)
      if (told.outcome === 'not_awaited') throw new ChannelError('passkey_not_awaited')
      if (told.outcome === 'refused') throw new ChannelError('wrong_passkey', PASSKEY_PROBLEMS[told.problem])
      return { status: 'given', ...accountBesides(operations.pairings.state(principal.org, session_id).account) }
    }),
  confirm: procedure({
    role: 'admin',
    action: 'channel.passkey.confirm',
    audited: 'channel',
    rest: {
      call: 'POST /channels/whatsapp/passkey/confirm',
      summary: 'Says that the phone shows the code that the pairing shows',
      refusals: ['not_found', 'passkey_not_awaited', 'gateway_unreachable'],
    },
  })
    .input(passkeyConfirmRequest)
    .output(passkeyConfirmResponse)
    .mutation(async ({ ctx: { operations, principal }, input: { session_id } }) => {
      const isDone = await operations.linking.confirmPasskey(principal.org, session_id)
      if (!isDone) throw new ChannelError('passkey_not_awaited')
      return { status: 'confirmed', ...accountBesides(operations.pairings.state(principal.org, session_id).account) }
    }),
})
