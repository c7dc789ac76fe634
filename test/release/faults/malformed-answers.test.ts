import { expect, it } from 'vitest'

import { ANSWER_KINDS } from '../../support/answer-kinds.ts'
import { journalTown } from '../../support/journal-town.ts'
import { answeredSoAtLogin, malformedAnswersTo } from '../../support/malformed-answers.ts'

/** 20,000 in all: more of those that cost less. */
const COUNTS: Readonly<Record<string, number>> = {
  'a number': 5_000,
  devices: 1_500,
  keys: 1_500,
  'keys that are published': 1_500,
  tokens: 2_000,
  'a lock': 2_000,
  'app state': 2_500,
  'a ping': 3_400,
}
const LOGINS = 100
const PATIENCE_MS = 1_200_000
const SEED = 20_000

it.each(ANSWER_KINDS)(
  'many malformed answers about %s: the line stays, nothing throws, and a good message is answered',
  async (name, possible, most) => {
    await using town = await journalTown()
    const count = Math.min(COUNTS[name] ?? most, most)
    const { ends, asked, ...calm } = await malformedAnswersTo(town, { name, count, seed: SEED })
    expect(calm).toEqual({ saidBesides: [], faults: [], states: [] })
    expect(Object.keys(ends).filter(end => !possible.includes(end))).toEqual([])
    expect(asked).toBeLessThan(5)
  },
  PATIENCE_MS,
)

it(
  '100 logins at which all that is asked has malformed answers: connected each time, and a good message is answered',
  async () => {
    await using town = await journalTown()
    const { ends, saidBesides, faults } = await answeredSoAtLogin(town, LOGINS, SEED)
    expect({ ends: Object.keys(ends), saidBesides, faults }).toEqual({
      ends: ['connected'],
      saidBesides: [],
      faults: [],
    })
  },
  PATIENCE_MS,
)
