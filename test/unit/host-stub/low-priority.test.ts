import { setImmediate } from 'node:timers/promises'

import { expect, it } from 'vitest'

import { withLowPriority } from '../../../host-stub/agentcy/audit/low-priority.ts'

/** Pieces of which each keeps the loop from everybody for a while. */
async function* slow(name: string, told: string[]): AsyncGenerator<string> {
  try {
    for (const piece of ['1', '2']) {
      const until = performance.now() + 30
      while (performance.now() < until);
      told.push(`${name}${piece}`)
      yield `${name}${piece}`
    }
  } finally {
    told.push(`${name} over`)
  }
}

it('leaves the loop to everybody else after each piece, and makes one at a time for all who ask', async () => {
  const told: string[] = []
  let isOver = false
  const others = (async () => {
    while (!isOver) {
      await setImmediate()
      if (told.at(-1) !== 'others') told.push('others')
    }
  })()
  const all = ['a', 'b'].map(async name => {
    const heard: string[] = []
    for await (const piece of withLowPriority(slow(name, told))) heard.push(piece)
    return heard
  })
  expect(await Promise.all(all)).toEqual([
    ['a1', 'a2'],
    ['b1', 'b2'],
  ])
  isOver = true
  await others
  const pieces = told.filter(each => /\d/.test(each))
  expect(pieces).toEqual(['a1', 'b1', 'a2', 'b2'])
  for (const piece of pieces) expect(told[told.indexOf(piece) + 1]).toBe('others')
})

it('ends what makes them when nobody wants the rest', async () => {
  const told: string[] = []
  for await (const piece of withLowPriority(slow('a', told))) if (piece === 'a1') break
  expect(told).toEqual(['a1', 'a over'])
})
