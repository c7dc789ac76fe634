import { expect, it } from 'vitest'

import { journalTown } from '../support/journal-town.ts'
import { malformedClosings } from '../support/malformed-closings.ts'

/** The long story has more of each kind. */
const EACH = 4

it('malformed last words: the line ends with a reason or goes on, nothing throws, and the account comes up again', async () => {
  await using town = await journalTown()
  const { gateway } = town
  const states = await malformedClosings(town, EACH, 1)
  expect(states.size).toBeGreaterThan(3)
  expect([...states].filter(state => / (null|undefined)$/.test(state) && !state.startsWith('not_paired'))).toEqual([])
  expect(gateway.lines.filter(({ event }) => event === 'unhandled rejection' || event === 'gateway ended')).toEqual([])
  expect(gateway.readyTimes()).toBe(1)
}, 240_000)
