import { describe, expect, it } from 'vitest'

import { chatWith } from '../support/gateway.ts'
import { townsInTurn } from '../support/journal-town.ts'
import { linkedClient } from '../support/network-client.ts'
import { chatIn, computerHears, pries, saysAll, settled, whileDead, whileOffline } from '../support/renewal-steps.ts'

const nextTown = townsInTurn()

describe('somebody who was removed from a group', () => {
  it.each([
    ['lid', 'group'],
    ['lid', 'other'],
    ['pn', 'group'],
    ['pn', 'other'],
  ] as const)(
    'cannot read the next message, in a group of mode %s that names them by the address of the %s',
    async (addressingMode, form) => {
      await using town = await nextTown()
      const { network, owner, alice, bob } = town
      await network.behaves({ membership_notifications: form })
      const team = await network.group('Team', [owner, alice, bob], { addressingMode })
      await saysAll(town, chatIn(team), ['3EB0A1'])
      await bob.hears('text of 3EB0A1')
      await network.changeGroup(team, { remove: [bob] })
      await settled(town)
      await saysAll(town, chatIn(team), ['3EB0A2', '3EB0A3'])
      await alice.hears('text of 3EB0A3')
      expect([await bob.pries('3EB0A2'), await bob.pries('3EB0A3')]).toEqual([null, null])
      expect((await network.ledger()).undecryptable).toEqual([])
    },
  )

  it.each([
    ['is told when it comes back', 'group', whileOffline],
    ['is never told', 'none', whileOffline],
    ['is told at the next start', 'group', whileDead],
    ['is never told and starts again', 'none', whileDead],
  ] as const)('cannot read it when the gateway was away meanwhile and %s', async (_how, form, away) => {
    await using town = await nextTown()
    const { network, owner, alice, bob } = town
    await network.behaves({ membership_notifications: form })
    const team = await network.group('Team', [owner, alice, bob])
    await saysAll(town, chatIn(team), ['3EB0A1'])
    await away(town, () => network.changeGroup(team, { remove: [bob] }))
    await saysAll(town, chatIn(team), ['3EB0A2'])
    await alice.hears('text of 3EB0A2')
    expect(await bob.pries('3EB0A2')).toBeNull()
    expect((await network.ledger()).undecryptable).toEqual([])
  })

  it('cannot read it when others had to ask for a message before, nor gets the key by asking', async () => {
    await using town = await nextTown()
    const { network, owner, alice, bob } = town
    const team = await network.group('Team', [owner, alice, bob])
    await using computer = await linkedClient(network, bob)
    await saysAll(town, chatIn(team), ['3EB0A1'])
    await computerHears(computer, 'text of 3EB0A1')
    await alice.forgetsSessions()
    await saysAll(town, chatIn(team), ['3EB0A2'])
    await alice.hears('text of 3EB0A2')
    await settled(town)
    await network.changeGroup(team, { remove: [bob] })
    await settled(town)
    await saysAll(town, chatIn(team), ['3EB0A3'])
    const before = (await network.message('3EB0A2')).transmissions
    await network.faults.askAgain(bob, { author: owner, id: '3EB0A2', group: team.id, device: 1 })
    await settled(town)
    expect((await network.message('3EB0A2')).transmissions).toBe(before)
    expect(await bob.pries('3EB0A3')).toBeNull()
    expect(await pries(computer, town, { team, id: '3EB0A3' })).toBe('cannot be read')
  })
})

describe('a group whose members changed without a word', () => {
  it('is learned from the hash in the ack: the next message is for those who are in it', async () => {
    await using town = await nextTown()
    const { network, owner, alice, bob } = town
    await network.behaves({ ack_phash: 'always', membership_notifications: 'none' })
    const carol = await network.phone('carol')
    const team = await network.group('Team', [owner, alice, bob])
    await saysAll(town, chatIn(team), ['3EB0A1'])
    await network.changeGroup(team, { add: [carol], remove: [bob] })
    await saysAll(town, chatIn(team), ['3EB0A2', '3EB0A3'])
    await carol.hears('text of 3EB0A3')
    await alice.hears('text of 3EB0A3')
    expect(await bob.pries('3EB0A3')).toBeNull()
    expect((await network.message('3EB0A3')).undecryptable).toBe(0)
  })
})

describe('somebody who was added to a group', () => {
  it.each([
    ['lid', 'group'],
    ['lid', 'other'],
    ['pn', 'other'],
  ] as const)('reads the next message at once, in mode %s and named by the address of the %s', async (mode, form) => {
    await using town = await nextTown()
    const { network, owner, alice } = town
    await network.behaves({ membership_notifications: form })
    const carol = await network.phone('carol')
    const team = await network.group('Team', [owner, alice], { addressingMode: mode })
    await saysAll(town, chatIn(team), ['3EB0A1'])
    await network.changeGroup(team, { add: [carol] })
    await settled(town)
    await saysAll(town, chatIn(team), ['3EB0A2'])
    await carol.hears('text of 3EB0A2')
    await alice.hears('text of 3EB0A2')
    expect((await network.message('3EB0A2')).retries).toBe(0)
    expect((await network.ledger()).undecryptable).toEqual([])
  })
})

describe('what is asked of WhatsApp', () => {
  it.each(['never', 'differing', 'always'] as const)(
    'is the same for twenty messages as for one, whatever the acks say: hashes %s',
    async ack_phash => {
      await using town = await nextTown()
      const { network, owner, alice, bob } = town
      await network.behaves({ ack_phash })
      await alice.hostsDevice()
      const team = await network.group('Team', [owner, alice, bob])
      await saysAll(town, chatIn(team), ['3EB0A1', '3EB0A2'])
      await saysAll(town, chatWith(bob), ['3EB0B1', '3EB0B2'])
      await settled(town)
      const asked = async () => {
        const { queries } = await network.ledger()
        return [queries['usync'], queries['w:g2'], queries['encrypt']]
      }
      const before = await asked()
      const numbers = Array.from({ length: 20 }, (_, index) => index)
      await saysAll(
        town,
        chatIn(team),
        numbers.map(number => `3EB0C${number}`),
      )
      await saysAll(
        town,
        chatWith(bob),
        numbers.map(number => `3EB0D${number}`),
      )
      expect(await asked()).toEqual(before)
    },
  )
})
