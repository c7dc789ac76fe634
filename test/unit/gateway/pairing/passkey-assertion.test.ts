import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { PASSKEY_PROBLEMS, type PasskeyOptions } from '../../../../plugin/contract/passkey.ts'
import { checkAssertion } from '../../../../plugin/gateway/pairing/passkey-assertion.ts'
import { createAuthenticator, type Credential } from '../../../support/authenticator.ts'

const authenticator = createAuthenticator()
const OPTIONS: PasskeyOptions = {
  challenge: Buffer.alloc(32, 7).toString('base64url'),
  rpId: 'whatsapp.com',
  timeout: 600_000,
  userVerification: 'required',
  allowCredentials: [],
  extensions: {},
}
const GOOD = authenticator.answers(OPTIONS)
const check = (given: unknown, options: Partial<PasskeyOptions> = {}) =>
  checkAssertion(typeof given === 'string' ? given : JSON.stringify(given), { ...OPTIONS, ...options })
const problemOf = (given: unknown, options: Partial<PasskeyOptions> = {}): string | null => {
  const checked = check(given, options)
  return 'problem' in checked ? checked.problem : null
}
const respond = (change: Partial<Credential['response']>): Credential => ({
  ...GOOD,
  response: { ...GOOD.response, ...change },
})
const clientData = (said: object): string => Buffer.from(JSON.stringify(said)).toString('base64url')
const SAID = { type: 'webauthn.get', challenge: OPTIONS.challenge, origin: 'https://web.whatsapp.com' }

describe('an answer of an authenticator', () => {
  it('goes out with the fields that WhatsApp knows, in their order, and no others', () => {
    const decorated = { authenticatorAttachment: 'platform', clientExtensionResults: {}, ...GOOD }
    const checked = check(`\n ${JSON.stringify(decorated, null, 1)} \n`)
    if ('problem' in checked) throw new Error(checked.problem)
    expect(checked.json).toBe(JSON.stringify(GOOD))
    expect(Buffer.from(checked.credentialId).toString('base64url')).toBe(authenticator.credentialId)
    const { userHandle: _, ...response } = GOOD.response
    const without = check({ ...GOOD, response })
    expect('json' in without && JSON.parse(without.json)).toEqual(respond({ userHandle: null }))
  })

  it.each<[string, unknown]>([
    ['not_json', 'NotAllowedError: the operation timed out'],
    ['not_json', '[]'],
    ['wrong_fields', { ...GOOD, type: 'password' }],
    ['wrong_fields', { ...GOOD, more: 1 }],
    ['wrong_fields', { ...GOOD, response: null }],
    ['wrong_fields', { id: GOOD.id, type: GOOD.type, response: GOOD.response }],
    ['wrong_id', { ...GOOD, id: 'AAAA' }],
    ['not_base64url', { ...GOOD, id: `${GOOD.id}=`, rawId: `${GOOD.id}=` }],
    ['not_base64url', { ...GOOD, id: '', rawId: '' }],
    ['not_base64url', { ...GOOD, id: 'AB', rawId: 'AB' }],
    ['wrong_client_data', respond({ clientDataJSON: 'AAAA' })],
    ['other_origin', respond({ clientDataJSON: clientData({ ...SAID, origin: 'https://web.whatsapp.com.evil.org' }) })],
    ['other_origin', respond({ clientDataJSON: clientData({ ...SAID, crossOrigin: true }) })],
    ['other_origin', respond({ clientDataJSON: clientData({ ...SAID, topOrigin: 'https://example.com' }) })],
    ['wrong_authenticator_data', respond({ authenticatorData: 'AAAA' })],
    ['wrong_authenticator_data', authenticator.answers(OPTIONS, { flags: 0x45 })],
    ['wrong_authenticator_data', authenticator.answers(OPTIONS, { flags: 0x85 })],
    ['wrong_authenticator_data', authenticator.answers(OPTIONS, { flags: 0x15 })],
    ['wrong_signature', respond({ signature: 'AAAA' })],
    ['wrong_signature', respond({ signature: Buffer.from('3003020100', 'hex').toString('base64url') })],
    ['not_base64url', respond({ userHandle: '' })],
  ])('is refused as %s', (problem, given) => {
    expect(problemOf(given)).toBe(problem)
  })

  it('may come from any passkey of whatsapp.com, unless WhatsApp named those that it takes', () => {
    const other = { id: 'AAAA', type: 'public-key' } as const
    expect(problemOf(GOOD, { allowCredentials: [other] })).toBe('other_passkey')
    expect(problemOf(GOOD, { allowCredentials: [other, { ...other, id: GOOD.id }] })).toBeNull()
    expect(problemOf(authenticator.answers(OPTIONS, { flags: 0x01 }), { userVerification: 'preferred' })).toBeNull()
  })

  it('is taken however often an authenticator makes one', () => {
    for (let n = 0; n < 300; n++) expect(problemOf(authenticator.answers(OPTIONS))).toBeNull()
  })

  /** What an answer is for; what else a browser says beside it is signed as well, and means nothing here. */
  const saidIn = ({ clientDataJSON }: Credential['response']): string => {
    const {
      type,
      challenge,
      origin,
      crossOrigin = false,
    } = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString()) as Record<string, unknown>
    return JSON.stringify([type, challenge, origin, crossOrigin])
  }

  it('is never anything else than taken or refused with a sentence, and taken only when nothing was changed in it', () => {
    const text = JSON.stringify(GOOD)
    const spoilt = fc.tuple(fc.nat(text.length - 1), fc.nat(3), fc.string({ unit: 'binary', maxLength: 6 }))
    const changed = spoilt.map(([at, removed, put]) => text.slice(0, at) + put + text.slice(at + removed))
    const fields = ['id', 'rawId', 'type', 'response', 'clientDataJSON', 'authenticatorData', 'signature', 'userHandle']
    const strange = fc
      .tuple(fc.constantFrom(...fields), fc.jsonValue())
      .map(([name, value]) => JSON.stringify(GOOD, (key, kept: unknown) => (key === name ? value : kept)))
    fc.assert(
      fc.property(fc.oneof(changed, strange, fc.json(), fc.string({ unit: 'binary' })), given => {
        const problem = problemOf(given)
        if (problem !== null) return Object.hasOwn(PASSKEY_PROBLEMS, problem)
        const { json } = check(given) as { json: string }
        const { id, response } = JSON.parse(json) as Credential
        // A counter, a signature or a handle may be another one: only WhatsApp can tell.
        return id === GOOD.id && saidIn(response) === saidIn(GOOD.response)
      }),
      { numRuns: 20_000 },
    )
  })
})
