import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatAddress, parseAddress } from '../../../../host-stub/whatsapp/wire/address.ts'
import { frame, FrameReader } from '../../../../host-stub/whatsapp/wire/frames.ts'
import { readQrText } from '../../../../host-stub/whatsapp/linking/qr-text.ts'

const routing = Buffer.concat([Buffer.from([0x45, 0x44, 0, 1]), frame(Buffer.from('somewhere'))])

it('finds the frames however the bytes are cut, with and without a routing prefix', () => {
  const payloads = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(payloads, fc.boolean(), fc.integer({ min: 1, max: 40 }), (frames, routed, sizeBytes) => {
      const introduction = routed ? [routing, FrameReader.header] : [FrameReader.header]
      const stream = Buffer.concat([...introduction, ...frames.map(frame)])
      const reader = new FrameReader()
      const found: Buffer[] = []
      for (let start = 0; start < stream.length; start += sizeBytes) {
        found.push(...reader.read(stream.subarray(start, start + sizeBytes)))
      }
      expect(found.map(each => Buffer.from(each).toString('hex'))).toEqual(
        frames.map(each => Buffer.from(each).toString('hex')),
      )
    }),
  )
})

it('refuses a client that does not speak the protocol', () => {
  expect(() => new FrameReader().read(Buffer.from('GET / HTTP/1.1'))).toThrow('unknown protocol header')
})

it('reads back every address that it writes, and nothing else', () => {
  const address = fc.record({
    user: fc.bigInt({ min: 1n, max: 10n ** 18n }).map(String),
    server: fc.constantFrom('lid' as const, 's.whatsapp.net' as const),
    device: fc.integer({ min: 0, max: 999 }),
  })
  fc.assert(
    fc.property(address, each => {
      expect(parseAddress(formatAddress(each))).toEqual(each)
    }),
  )
  fc.assert(
    fc.property(fc.string(), written => {
      const parsed = parseAddress(written)
      if (parsed) expect(written).toMatch(/^\d/)
    }),
  )
})

it('reads only whole pairing codes', () => {
  const key = Buffer.alloc(32, 7).toString('base64')
  expect(readQrText(`https://wa.me/settings/linked_devices#2@ref,${key},${key},${key},1`)?.ref).toBe('2@ref')
  expect(readQrText(`2@ref,${key},${key},${key}`)).toBeUndefined()
  fc.assert(
    fc.property(fc.string(), text => {
      expect(readQrText(text)).toBeUndefined()
    }),
  )
})
