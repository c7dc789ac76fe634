import {
  passkeyAnswerRequest,
  passkeyAnswerResponse,
  passkeyConfirmRequest,
  passkeyConfirmResponse,
} from '../../contract/api/passkey.ts'
import type { Route } from './route.ts'

/** The calls about the passkey that an account wants before it links a device. */
export const PASSKEY_ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: '/channels/whatsapp/passkey/answer',
    procedure: 'whatsapp.passkey.answer',
    summary: 'Answers to the passkey that an account wants before it links a device',
    input: { from: 'body', schema: passkeyAnswerRequest },
    status: 200,
    response: passkeyAnswerResponse,
    refusals: ['not_found', 'passkey_not_awaited', 'wrong_passkey', 'gateway_unreachable'],
  },
  {
    method: 'POST',
    path: '/channels/whatsapp/passkey/confirm',
    procedure: 'whatsapp.passkey.confirm',
    summary: 'Says that the phone shows the code that the pairing shows',
    input: { from: 'body', schema: passkeyConfirmRequest },
    status: 200,
    response: passkeyConfirmResponse,
    refusals: ['not_found', 'passkey_not_awaited', 'gateway_unreachable'],
  },
]
