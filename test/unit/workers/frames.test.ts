import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { type Frame, framed, FrameReader } from '../../../plugin/workers/frames.ts'

const frame = fc.record({
  head: fc.jsonValue(),
  bytes: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 3 }),
})

const plain = ({ head, bytes }: Frame) => ({
  head: JSON.stringify(head),
  bytes: bytes.map(each => Buffer.from(each).toString('hex')),
})

describe('what goes over the pipe to a worker', () => {
  it('comes out as it went in, in whatever pieces it travels', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.integer({ min: 1, max: 30 })), (frames, cuts) => {
        const read: Frame[] = []
        const reader = new FrameReader(each => read.push(each))
        let rest = Buffer.concat(frames.flatMap(each => [...framed(each)]))
        for (const cut of [...cuts, rest.length]) {
          if (rest.length === 0) break
          reader.take(rest.subarray(0, cut))
          rest = rest.subarray(cut)
        }
        if (rest.length > 0) reader.take(rest)
        expect(read.map(plain)).toEqual(frames.map(plain))
      }),
    )
  })
})
