import { createCipheriv, createHmac, randomBytes } from 'node:crypto'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { openSeal, type Seal, type Sealed } from '../../../../plugin/gateway/kinds/seal.ts'

const [AUTHOR, MODIFIER] = ['77701@lid', '77702@lid']
const secret = randomBytes(32)
const hmac = (key: Uint8Array, data: string): Buffer => createHmac('sha256', key).update(data, 'latin1').digest()

/** As whatsmeow's msgsecret.go describes it. */
function sealed(text: string, { use = 'Enc Comment', bound = '', by = MODIFIER, of = AUTHOR } = {}): Sealed {
  const extracted = createHmac('sha256', Buffer.alloc(32)).update(secret).digest()
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', hmac(extracted, `M1${of}${by}${use}\u0001`), iv)
  if (bound !== '') cipher.setAAD(Buffer.from(bound))
  const payload = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()])
  return { uses: [use], target: 'M1', payload, iv }
}
const seal: Seal = { secret, authors: ['972500000001@s.whatsapp.net', AUTHOR], modifiers: ['1@lid', MODIFIER] }
const opened = (what: Sealed, by: Partial<Seal> = {}): string | null => {
  const plain = openSeal(what, { ...seal, ...by })
  return plain && Buffer.from(plain).toString()
}

describe('a seal', () => {
  it.each(['Message Edit', 'Poll Edit', 'Event Edit', 'Enc Reaction', 'Enc Comment', 'Event Response'])(
    'is opened under the addresses that it was made for: %s',
    use => {
      expect(opened(sealed('words', { use }))).toBe('words')
      expect(opened(sealed('words', { use, bound: `M1\0${MODIFIER}` }))).toBe('words')
    },
  )

  it('is not opened by another secret, for others, or for another use', () => {
    expect(opened(sealed('words'), { secret: randomBytes(32) })).toBeNull()
    expect(opened(sealed('words'), { authors: ['3@lid'] })).toBeNull()
    expect(opened(sealed('words'), { modifiers: ['3@lid'] })).toBeNull()
    expect(opened({ ...sealed('words'), uses: ['Enc Reaction'] })).toBeNull()
    expect(opened({ ...sealed('words'), target: 'M2' })).toBeNull()
  })

  it('that is anything at all throws nothing', () => {
    const bytes = fc.uint8Array({ maxLength: 64 })
    fc.assert(
      fc.property(bytes, bytes, bytes, (payload, iv, key) => {
        expect(openSeal({ uses: ['Enc Comment'], target: 'M1', payload, iv }, { ...seal, secret: key })).toBeNull()
      }),
    )
  })
})
