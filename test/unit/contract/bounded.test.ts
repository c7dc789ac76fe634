import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { bounded } from '../../../plugin/contract/bounded.ts'

const MOST = 100_000

it('what is short enough is kept whole, whatever it is made of', () => {
  fc.assert(
    fc.property(fc.jsonValue(), said => {
      expect(bounded(said, MOST)).toEqual(said)
    }),
  )
  const long = 'x'.repeat(MOST)
  expect(bounded({ kind: 'text', text: long.slice(4) }, MOST)).toEqual({ kind: 'text', text: long.slice(4) })
})

it('of what is more, the first is kept, in all its places together', () => {
  const long = 'x'.repeat(MOST)
  expect(bounded(['a', `${long}y`], MOST)[1]).toHaveLength(MOST - 1 - 2 * 16)
  const { text, more, list } = bounded({ text: long, more: 'more', list: ['more'] }, MOST)
  expect([text.length, more, list]).toEqual([MOST, '', []])
  const cards = Array.from({ length: MOST }, () => ({ name: 'x', phones: [] as string[] }))
  expect(bounded(cards, MOST)).toHaveLength(Math.ceil((MOST - 16) / 17))
  expect(
    bounded(
      cards.map(() => ''),
      MOST,
    ),
  ).toHaveLength(MOST / 16 - 1)
})

it('no letter is cut in two', () => {
  const { text } = bounded({ text: `x${'😀'.repeat(MOST)}` }, MOST)
  expect([text.length, text.at(-1)]).toEqual([MOST - 1, '\ude00'])
})
