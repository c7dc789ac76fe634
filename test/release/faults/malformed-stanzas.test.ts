import { expect, it } from 'vitest'

import { journalTown } from '../../support/journal-town.ts'
import { malformedStory } from '../../support/malformed-line.ts'
import { STANZA_KINDS } from '../../support/stanza-kinds.ts'

const ALL = 20_000
const PATIENCE_MS = 1_200_000

for (const [name, group] of Object.entries(STANZA_KINDS)) {
  it(
    `20,000 malformed ${name}: the line stays, nothing throws, none is answered twice, and a good message is answered`,
    async () => {
      await using town = await journalTown()
      const { said, twice, faults, states } = await malformedStory(town, group.kindsOf, { inAll: ALL, seed: 20_000 })
      expect({ twice, faults, states }).toEqual({ twice: [], faults: [], states: [] })
      expect(Object.keys(said).filter(kind => !group.answers.includes(kind))).toEqual([])
    },
    PATIENCE_MS,
  )
}
