import { EventEmitter } from 'node:events'
import { initAuthCreds, type AuthenticationState, type BinaryNode, type WASocket } from '@whiskeysockets/baileys'
import { expect, it } from 'vitest'

import { qrPicture } from '../../../../plugin/views/qr-picture.ts'
import { hearPairing } from '../../../../plugin/gateway/connection/pairing-offer.ts'
import { malformedOnes } from '../../../support/malformed-stanza.ts'
import { pairingKinds } from '../../../support/pairing-kinds.ts'
import { given } from '../../../support/given.ts'

const auth = { creds: initAuthCreds() } as AuthenticationState

/** The codes that an offer makes. */
function codesOf(offer: BinaryNode): string[] {
  const ws = new EventEmitter()
  const offered: string[] = []
  hearPairing({ ws } as unknown as WASocket, { offered: codes => offered.push(...codes) }, auth)
  ws.emit('CB:iq,type:set,pair-device', offer)
  return offered
}

const ref = (text: string): BinaryNode => ({ tag: 'ref', attrs: {}, content: Buffer.from(text) })
const offerOf = (...refs: BinaryNode[]): BinaryNode => ({
  tag: 'iq',
  attrs: {},
  content: [{ tag: 'pair-device', attrs: {}, content: refs }],
})

it('makes a code of each reference that can be one, and none of what would fit into no picture', () => {
  const [good, long, control] = [ref('2@AbC+/='), ref('x'.repeat(5_000)), ref('2@\u0000\n')]
  const codes = codesOf(offerOf(long, good, control, ref(''), good))
  expect(codes.map(code => code.split(',')[0]?.split('#').at(-1))).toEqual(['2@AbC+/=', '2@AbC+/='])
})

it('makes nothing of a malformed offer that cannot be shown', async () => {
  const offer = given(pairingKinds()['offer to pair'])
  const codes = malformedOnes(offer, 2_000, { seed: 11 }).flatMap(({ stanza }) => codesOf(stanza))
  const [longest] = codes.toSorted((one, other) => other.length - one.length)
  expect(await qrPicture(given(longest))).toMatch(/^data:image\/png/)
})
