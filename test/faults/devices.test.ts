import { describe, expect, it } from 'vitest'

import { chatWith } from '../support/gateway.ts'
import { townsInTurn, type JournalTown } from '../support/journal-town.ts'
import { linkedClient } from '../support/network-client.ts'
import type { PhoneCharacter } from '../support/network.ts'
import { chatIn, computerHears, pries, saysAll, settled, whileDead, whileOffline } from '../support/renewal-steps.ts'

const nextTown = townsInTurn()

describe('a device that was removed', () => {
  it.each(['lid', 'pn'] as const)('cannot read what is said in a group, when that is told by %s', async form => {
    await using town = await nextTown()
    const { network, owner, alice, bob } = town
    await network.behaves({ device_notifications: form })
    await using computer = await linkedClient(network, alice)
    const team = await network.group('Team', [owner, alice, bob])
    await saysAll(town, chatIn(team), ['3EB0A1'])
    await computerHears(computer, 'text of 3EB0A1')
    await alice.removesDevice()
    await settled(town)
    await saysAll(town, chatIn(team), ['3EB0A2'])
    await alice.hears('text of 3EB0A2')
    expect(await pries(computer, town, { team, id: '3EB0A2' })).toBe('cannot be read')
    expect((await network.ledger()).undecryptable).toEqual([])
  })
})

describe('a device that was linked a moment ago', () => {
  it.each(['lid', 'pn'] as const)('gets the next message at once, when that is told by %s', async form => {
    await using town = await nextTown()
    const { network, owner, alice, bob } = town
    await network.behaves({ device_notifications: form })
    const team = await network.group('Team', [owner, alice, bob])
    await saysAll(town, chatWith(alice), ['3EB0A1'])
    await saysAll(town, chatIn(team), ['3EB0A2'])
    await using computer = await linkedClient(network, alice)
    await settled(town)
    await saysAll(town, chatWith(alice), ['3EB0A3'])
    await computerHears(computer, 'text of 3EB0A3')
    await saysAll(town, chatIn(team), ['3EB0A4'])
    await computerHears(computer, 'text of 3EB0A4')
    expect((await network.message('3EB0A4')).retries).toBe(0)
  })

  it('is one of our own: it learns what we say, when the account is told', async () => {
    await using town = await nextTown()
    const { network, owner, alice } = town
    await network.behaves({ device_notifications: 'pn' })
    await saysAll(town, chatWith(alice), ['3EB0A1'])
    await using computer = await linkedClient(network, owner)
    await settled(town)
    await saysAll(town, chatWith(alice), ['3EB0A2'])
    await computerHears(computer, 'text of 3EB0A2')
  })

  it('gets the message after the one whose ack names other devices, when nobody is told', async () => {
    await using town = await nextTown()
    const { network, owner, alice, bob } = town
    await network.behaves({ ack_phash: 'differing' })
    const team = await network.group('Team', [owner, alice, bob])
    await saysAll(town, chatWith(alice), ['3EB0A1'])
    await saysAll(town, chatIn(team), ['3EB0A2'])
    await using computer = await linkedClient(network, alice)
    await saysAll(town, chatWith(alice), ['3EB0A3', '3EB0A4'])
    await computerHears(computer, 'text of 3EB0A4')
    await saysAll(town, chatIn(team), ['3EB0A5'])
    await computerHears(computer, 'text of 3EB0A5')
  })
})

describe('a person with another identity', () => {
  const reinstalls = (alice: PhoneCharacter) => () => alice.reinstalls()

  it.each([
    ['while we are connected', 'lid', async (town: JournalTown) => reinstalls(town.alice)()],
    ['while we are connected, by number', 'pn', async (town: JournalTown) => reinstalls(town.alice)()],
    ['while we are away', 'lid', (town: JournalTown) => whileOffline(town, reinstalls(town.alice))],
    ['while we are dead', 'lid', (town: JournalTown) => whileDead(town, reinstalls(town.alice))],
  ] as const)('reads the next message at once: told %s', async (_when, form, happens) => {
    await using town = await nextTown()
    const { network, owner, alice, bob } = town
    await network.behaves({ identity_notifications: form })
    const team = await network.group('Team', [owner, alice, bob])
    for (const by of ['lid', 'phone'] as const) await saysAll(town, chatWith(alice, by), [`3EB0B1${by}`])
    await saysAll(town, chatIn(team), ['3EB0A1'])
    await happens(town)
    await settled(town)
    await saysAll(town, chatIn(team), ['3EB0A2'])
    await saysAll(town, chatWith(alice, 'lid'), ['3EB0B2'])
    await alice.hears('text of 3EB0A2')
    await alice.hears('text of 3EB0B2')
    expect((await network.ledger()).undecryptable).toEqual([])
  })

  it('reads it after having asked once when nobody is told, and the next one at once', async () => {
    await using town = await nextTown()
    const { network, owner, alice, bob } = town
    await network.behaves({ identity_notifications: 'none' })
    const team = await network.group('Team', [owner, alice, bob])
    await saysAll(town, chatIn(team), ['3EB0A1'])
    await alice.reinstalls()
    await saysAll(town, chatIn(team), ['3EB0A2'])
    await alice.hears('text of 3EB0A2', { from: owner })
    await settled(town)
    await saysAll(town, chatIn(team), ['3EB0A3'])
    await alice.hears('text of 3EB0A3')
    expect((await network.message('3EB0A3')).undecryptable).toBe(0)
  })
})

describe('a device at WhatsApp itself', () => {
  it.each(['lid', 'phone'] as const)(
    'leaves out none of those that are listed behind it, written to by %s',
    async by => {
      await using town = await nextTown()
      const { network, gateway, alice } = town
      await alice.hostsDevice()
      await using computer = await linkedClient(network, alice)
      await saysAll(town, chatWith(alice, by), ['3EB0A1'])
      await alice.hears('text of 3EB0A1')
      await computerHears(computer, 'text of 3EB0A1')
      expect(await alice.hostedHeard()).toEqual(['text of 3EB0A1'])
      expect(gateway.lines.filter(({ event }) => event === 'device left out')).toEqual([])
    },
  )

  it('is in no group, where all other devices hear', async () => {
    await using town = await nextTown()
    const { network, owner, alice, bob } = town
    await alice.hostsDevice()
    await using computer = await linkedClient(network, alice)
    const team = await network.group('Team', [owner, alice, bob])
    await saysAll(town, chatIn(team), ['3EB0A1', '3EB0A2'])
    await computerHears(computer, 'text of 3EB0A2')
    expect((await network.message('3EB0A2')).retries).toBe(0)
    expect(await alice.hostedHeard()).toEqual([])
  })
})
