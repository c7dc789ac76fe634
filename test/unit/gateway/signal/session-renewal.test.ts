import type { SignalRepositoryWithLIDStore } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'

import type { RatchetKeys } from '../../../../plugin/gateway/signal/key-transactions.ts'
import { createSessionRenewal } from '../../../../plugin/gateway/signal/session-renewal.ts'

const [LID, PHONE] = ['77701:2@lid', '972500000001:2@s.whatsapp.net']
const key = { keyId: 1, publicKey: Buffer.from('key'), signature: Buffer.from('signature') }
const offer = { jid: LID, session: { registrationId: 7, identityKey: Buffer.from('identity'), signedPreKey: key } }

const indexInfo = { closed: -1, used: 1, remoteIdentityKey: offer.session.identityKey.toString('base64') }
const keys = {
  get: () => Promise.resolve({ address: { _sessions: { base: { registrationId: 7, indexInfo } } } }),
} as unknown as RatchetKeys
const stock = {
  lidMapping: { getPNForLID: () => Promise.resolve(PHONE) },
  jidToSignalProtocolAddress: () => 'address',
} as unknown as SignalRepositoryWithLIDStore

const renewal = (brought = true) => {
  const { askedAgain, isNeedless } = createSessionRenewal({ readable: answer => answer, brought: () => brought })
  return { askedAgain, isNeedless: () => isNeedless(stock, keys, offer) }
}

it('is needless while there is a session that serves', async () => {
  expect(await renewal().isNeedless()).toBe(true)
})

it('is made with the keys that a device sent itself', async () => {
  expect(await renewal(false).isNeedless()).toBe(false)
})

it.each([LID, PHONE])('is made once for a device that asked again as %s, and for no other', async asking => {
  const { askedAgain, isNeedless } = renewal()
  askedAgain('77701@lid')
  expect(await isNeedless()).toBe(true)
  askedAgain(asking)
  expect(await isNeedless()).toBe(false)
  expect(await isNeedless()).toBe(true)
})
