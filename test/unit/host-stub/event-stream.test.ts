import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { eventsIn } from '../../../host-stub/agentcy/model/event-stream.ts'

const MOST = 100_000

async function* pieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0
  for (let turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1
    yield bytes.subarray(at, at + size)
    at += size
  }
}

async function read(text: string, sizes: readonly number[] = [1_000], most = MOST): Promise<string[]> {
  const events: string[] = []
  for await (const event of eventsIn(pieces(Buffer.from(text), sizes), most)) events.push(event)
  return events
}

const line = fc.string({ unit: 'grapheme' }).filter(text => !/[\r\n\uFEFF]/.test(text))
const end = fc.constantFrom('\n', '\r\n', '\r')
const noise = fc.constantFrom(': still there', 'event: x', 'id: 7', 'retry', 'database: y', ' data: z')

describe('the events of a stream', () => {
  it('are those that were written, with whatever ends of lines, beside whatever else, and however it is cut', async () => {
    const event = fc.array(fc.record({ text: line, tight: fc.boolean(), before: fc.option(noise) }), { minLength: 1 })
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(event),
        fc.record({ newline: end, mark: fc.boolean() }),
        sizes,
        async (events, how, cuts) => {
          const written = events.map(lines => [
            ...lines.flatMap(({ text, tight, before }) => {
              const isTight = tight && !text.startsWith(' ')
              return [...(before === null ? [] : [before]), `data:${isTight ? '' : ' '}${text}`]
            }),
            '',
          ])
          const stream = written.flat().map(each => each + how.newline)
          const found = await read((how.mark ? '\uFEFF' : '') + stream.join(''), cuts)
          expect(found).toEqual(events.map(lines => lines.map(({ text }) => text).join('\n')))
        },
      ),
    )
  })

  it('do not depend on where the stream is cut, whatever it holds', async () => {
    const fragment = fc.constantFrom('data', 'data:', 'data: x', ':', '\r', '\n', '\r\n', '\n\n', '👍', 'é', ' ')
    await fc.assert(
      fc.asyncProperty(fc.array(fragment), fc.integer({ min: 1, max: 7 }), async (fragments, size) => {
        expect(await read(fragments.join(''), [size])).toEqual(await read(fragments.join('')))
      }),
    )
  })

  it('are none without the blank line that closes them', async () => {
    expect(await read('data: one\n\ndata: two\n')).toEqual(['one'])
    expect(await read('\n\n: hello\n\nevent: x\n\n')).toEqual([])
  })

  it.each([
    ['one line', 'x'.repeat(51)],
    ['one field', `data: ${'x'.repeat(51)}\n`],
    ['many fields', 'data: 1234\n'.repeat(12)],
    ['many empty fields', 'data\n'.repeat(51)],
  ])('are refused when one is too long: %s', async (_, text) => {
    for (const size of [1, 7, 1_000]) await expect(read(text, [size], 50)).rejects.toMatchObject({ code: 'too_long' })
  })
})
