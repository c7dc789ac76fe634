import { expect, it } from 'vitest'

import { firstShown } from '../../../plugin/api/trpc/pairing-response.ts'
import { type BegunPairing, codeStartResponse, qrStartResponse } from '../../../plugin/contract/api/pairing.ts'
import type { PasskeyOptions, PasskeyRequest } from '../../../plugin/contract/passkey.ts'
import { ACCOUNT, given, OUR_NUMBER } from '../../support/store.ts'

type State = BegunPairing['state']

const expiresAt = Date.now() + 60_000
const options: PasskeyOptions = {
  challenge: 'aGVsbG8gaGVsbG8gaGVsbG8',
  rpId: 'whatsapp.com',
  timeout: 60_000,
  userVerification: 'required',
  allowCredentials: [],
  extensions: {},
}
/** The compiler wants every step here. */
const PASSKEYS: { readonly [Step in PasskeyRequest['step']]: PasskeyRequest } = {
  wanted: { step: 'wanted', options },
  given: { step: 'given' },
  compare: { step: 'compare', code: 'K3WA7XQ2' },
}
const shown = (state: State) => firstShown(ACCOUNT, { session: 'qr_1', state })

it.each<[string, State, string]>([
  ['a QR code', { status: 'pending', qr: '2@ref', expiresAt }, 'qr_data_url'],
  ['a code to be typed', { status: 'pending', pairingCode: 'K3WA7XQ2', expiresAt }, 'pairing_code'],
  ...Object.values(PASSKEYS).map((passkey): [string, State, string] => [
    `a passkey: ${passkey.step}`,
    { status: 'pending', passkey, expiresAt },
    'passkey',
  ]),
])('shows whoever began a pairing what it came to first: %s', async (_, state, name) => {
  const { session_id, ...first } = await shown(state)
  expect(session_id).toBe('qr_1')
  expect(Object.keys(first).toSorted()).toEqual(['expires_in', name].toSorted())
  const schema = name === 'pairing_code' ? codeStartResponse : qrStartResponse
  expect(schema.strict().parse({ session_id, ...first })).toHaveProperty(name)
})

it('says what the passkey is at each of its steps', async () => {
  const of = async (step: PasskeyRequest['step']) => {
    const { passkey } = qrStartResponse.parse(await shown({ status: 'pending', passkey: PASSKEYS[step], expiresAt }))
    return given(passkey)
  }
  expect(await of('wanted')).toMatchObject({ options, code: null, script: expect.stringContaining(options.challenge) })
  expect(await of('given')).toMatchObject({ options: null, code: null, script: null })
  expect(await of('compare')).toMatchObject({ options: null, code: 'K3WA-7XQ2', script: null })
})

it.each<[State, string]>([
  [{ status: 'connected', phone: OUR_NUMBER }, 'already_connected'],
  [{ status: 'conflict' }, 'number_in_use'],
])('has a word of its own where nothing is to be shown any more: %o', async (state, code) => {
  await expect(shown(state)).rejects.toMatchObject({ code })
})
