import { expect, it } from 'vitest'

import { townsInTurn } from '../support/journal-town.ts'
import { malformedStory } from '../support/malformed-line.ts'
import { STANZA_KINDS } from '../support/stanza-kinds.ts'

const nextTown = townsInTurn()

/** The long story writes 20,000. */
const ALL = 500

for (const [name, group] of Object.entries(STANZA_KINDS)) {
  it(`malformed ${name}: the line stays, nothing throws, none is answered twice, and a good message is answered`, async () => {
    await using town = await nextTown()
    const { said, twice, faults, states } = await malformedStory(town, group.kindsOf, { inAll: ALL, seed: 1 })
    expect({ twice, faults, states }).toEqual({ twice: [], faults: [], states: [] })
    expect(Object.keys(said).filter(kind => !group.answers.includes(kind))).toEqual([])
  })
}
