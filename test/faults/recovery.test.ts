import { expect, it } from 'vitest'

import { isText } from '../support/journal-entries.ts'
import { townsInTurn, type JournalTown } from '../support/journal-town.ts'
import { settled, whileDead, whileOffline } from '../support/renewal-steps.ts'

const nextTown = townsInTurn()

/** How often a text is in the journal. */
async function timesOf({ gateway }: JournalTown, text: string): Promise<number> {
  const { entries } = await gateway.supervisor.call('journal.pull', { ...gateway.account, after: 0, limit: 10_000 })
  return entries.filter(entry => entry.kind === 'message' && isText(text)(entry.message)).length
}

const comes = ({ gateway }: JournalTown, text: string) =>
  gateway.entry(entry => entry.kind === 'message' && isText(text)(entry.message))

it.each([
  ['direct, by LID alone', false],
  ['direct, by both addresses', true],
])(
  'a message without a ciphertext is asked of the phone again after a SIGKILL, and comes once: %s',
  async (_how, revealAlternate) => {
    await using town = await nextTown()
    const { network, owner, alice } = town
    await owner.goesOffline()
    await network.faults.placeholders(owner, 'twice')
    const id = await alice.says('recovered', { to: owner, unavailable: '', revealAlternate })
    await settled(town)
    await whileDead(town, () => owner.comesOnline())
    await comes(town, 'recovered')
    await settled(town)
    expect(await timesOf(town, 'recovered')).toBe(1)
    expect((await network.message(id)).placeholders).toBeGreaterThan(0)
  },
)

it('comes late when the phone was away, in a group too', async () => {
  await using town = await nextTown()
  const { network, owner, alice, bob } = town
  const team = await network.group('Team', [owner, alice, bob])
  await owner.goesOffline()
  await alice.says('to all', { to: team, unavailable: '' })
  await settled(town)
  await whileOffline(town, () => Promise.resolve())
  await whileDead(town, () => Promise.resolve())
  await owner.comesOnline()
  await comes(town, 'to all')
  await settled(town)
  expect(await timesOf(town, 'to all')).toBe(1)
})
