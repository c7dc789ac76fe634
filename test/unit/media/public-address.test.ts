import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isPublicAddress } from '../../../plugin/media/public-address.ts'

describe('an address', () => {
  it.each(['93.184.216.34', '1.1.1.1', '2606:4700:4700::1111', '::ffff:93.184.216.34'])('is public: %s', address => {
    expect(isPublicAddress(address)).toBe(true)
  })

  it.each([
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '192.0.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '::127.0.0.1',
    '::7f00:1',
    '::a9fe:a9fe',
    '::2:3',
    '100::1',
    '1fff::1',
    '4000::1',
    '168.63.129.16',
    '::ffff:168.63.129.16',
    '64:ff9b::7f00:1',
    '64:ff9b:1::7f00:1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    // Other notations of this machine, and what is no address at all.
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    'localhost',
    '',
  ])('is not public: %s', address => {
    expect(isPublicAddress(address)).toBe(false)
  })

  it('of a private network is not public, however it is mapped into another one', () => {
    const octet = fc.nat({ max: 255 })
    const inside = fc.oneof(
      fc.tuple(fc.constant(10), octet, octet, octet),
      fc.tuple(fc.constant(127), octet, octet, octet),
      fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
      fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
    )
    const hex = (octets: number[]): string => {
      const [a = 0, b = 0, c = 0, d = 0] = octets
      return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
    }
    fc.assert(
      fc.property(inside, octets => {
        const notations = [
          octets.join('.'),
          `::ffff:${octets.join('.')}`,
          `::ffff:${hex(octets)}`,
          `64:ff9b::${hex(octets)}`,
        ]
        for (const notation of [...notations, `2002:${hex(octets)}::1`]) expect(isPublicAddress(notation)).toBe(false)
      }),
    )
  })
})
